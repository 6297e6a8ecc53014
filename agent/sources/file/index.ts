import type { SourceHealth } from '../../model.ts';
import { kind } from '../../registry.ts';
import { sleep } from '../../runtime/retry.ts';
import { type DeadLetter, deadLetters } from '../mqtt/dead-letters.ts';
import { createOutage } from '../mqtt/outage.ts';
import type { Source, SourceContext } from '../source.ts';
import { describeFault } from './faults.ts';
import { type FolderReader, folderReader } from './reader.ts';
import { type FileSettings, settings } from './settings.ts';

/** A file source also shows the last lines that it could not read. */
export interface FileSource extends Source {
  deadLetters(): readonly DeadLetter[];
}

/** Readings from lines that a program writes into files of a folder. */
export const file = kind<typeof settings, SourceContext, Source>({
  settings,
  create: createFileSource,
});

/** Files that health shows one by one. */
const MOST_PARTS = 20;

interface State {
  stopping: AbortController | null;
  running: Promise<void>;
  paused: boolean;
  fault: string;
  looked: boolean;
  stopped: boolean;
  sinceMs: number;
}

export function createFileSource(own: FileSettings, context: SourceContext): FileSource {
  const { clock } = context;
  const letters = deadLetters();
  const s: State = {
    stopping: null,
    running: Promise.resolve(),
    paused: false,
    fault: '',
    looked: false,
    stopped: false,
    sinceMs: clock.now(),
  };
  const mayGoOn = () => !s.paused && s.stopping?.signal.aborted === false;
  const reader = folderReader({ own, context, letters, mayGoOn });
  return {
    start() {
      if (s.stopping !== null) return;
      s.stopping = new AbortController();
      s.running = watch(s, own, context, reader, s.stopping.signal);
    },
    async stop() {
      s.stopping?.abort();
      await s.running;
      s.stopped = true;
    },
    committed: reader.committed,
    pause(on) {
      s.paused = on;
    },
    deadLetters: letters.list,
    health: () => healthOf(s, context.name, reader, letters.list()),
  };
}

/** Looks into the folder until told to stop; a folder that is away is only told, and waited for. */
async function watch(
  s: State,
  own: FileSettings,
  context: SourceContext,
  reader: FolderReader,
  signal: AbortSignal,
): Promise<void> {
  const outage = createOutage((severity, text) =>
    context.report({
      kind: severity === 'info' ? 'note' : 'device',
      severity,
      text,
      timeMs: context.clock.now(),
    }),
  );
  while (!signal.aborted) {
    const before = s.fault;
    try {
      if (!s.paused) await reader.round();
      s.fault = '';
    } catch (error) {
      s.fault = describeFault(error, own.folder);
    }
    if (before !== s.fault || !s.looked) s.sinceMs = context.clock.now();
    if (before !== s.fault && s.fault !== '') {
      context.log.warn('file-down', { reason: s.fault });
    }
    s.looked = true;
    outage.tick(s.fault !== '', s.fault, context.clock.monotonic());
    await sleep(own.every, signal);
  }
}

function healthOf(
  s: State,
  name: string,
  reader: FolderReader,
  letters: readonly DeadLetter[],
): SourceHealth {
  const trouble = reader.trouble();
  const last = letters.at(-1);
  const details = [s.fault, trouble];
  if (last !== undefined) details.push(`not read: ${last.topic}: ${last.reason}`);
  return {
    name,
    kind: 'file',
    state: stateOf(s, trouble),
    detail: details.filter((text) => text !== '').join('; '),
    sinceMs: s.sinceMs,
    lastDataMs: reader.lastDataMs(),
    counters: { ...reader.counters },
    parts: reader
      .tails()
      .slice(-MOST_PARTS)
      .map((tail) => ({ name: tail.name, state: 'up' as const, detail: `${tail.lines} lines` })),
  };
}

function stateOf(s: State, trouble: string): SourceHealth['state'] {
  if (s.stopped) return 'stopped';
  if (!s.looked) return 'connecting';
  if (s.fault !== '') return 'down';
  return trouble === '' ? 'up' : 'degraded';
}
