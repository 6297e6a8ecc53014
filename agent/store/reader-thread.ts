import { type MessagePort, parentPort } from 'node:worker_threads';
import { systemClock } from '../runtime/clock.ts';
import { createTidy } from '../runtime/tidy.ts';
import { StoreError } from './errors.ts';
import type { Answer, PackedRows, ReaderStart, Request, Started } from './protocol.ts';
import { openReader, type StoreReader } from './reader.ts';

/** Reader thread: a read-only connection that answers one question after another. */
const port = parentPort;
if (port !== null) {
  port.once('message', (start: ReaderStart) => port.postMessage(open(port, start)));
}

function open(port: MessagePort, { file }: ReaderStart): Started {
  try {
    const reader = openReader(file);
    const tidy = createTidy();
    port.on('message', (request: Request | 'close') => {
      if (request === 'close') {
        reader.close();
        port.close();
        return;
      }
      const [answer, transfer] = answerTo(reader, request);
      port.postMessage(answer, transfer);
      tidy(systemClock.monotonic());
    });
    return { started: true };
  } catch (error) {
    return { started: false, ...said(error) };
  }
}

function answerTo(reader: StoreReader, { id, method, args }: Request): [Answer, ArrayBuffer[]] {
  try {
    const ask = reader[method === 'rows' ? 'packedRows' : method] as (...of: unknown[]) => unknown;
    const value = ask(...args);
    return [{ id, ok: true, value }, method === 'rows' ? buffersOf(value as PackedRows) : []];
  } catch (error) {
    return [{ id, ok: false, ...said(error) }, []];
  }
}

/** Journal batches and points change threads without being copied. */
function buffersOf({ rows, packed }: PackedRows): ArrayBuffer[] {
  return [...rows.batches, ...packed.blocks].map(({ bytes }) => bytes.buffer as ArrayBuffer);
}

function said(error: unknown): { failure: string; message: string } {
  const message = error instanceof Error ? error.message : String(error);
  return { failure: error instanceof StoreError ? error.failure : 'other', message };
}
