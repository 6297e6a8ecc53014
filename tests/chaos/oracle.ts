import { batchBytes, decodeBatch } from '../../agent/batch.ts';
import type { Point, Signal } from '../../agent/model.ts';
import { openReader } from '../../agent/store/reader.ts';

const DUPLICATE = 255;

/** What a store holds, read from outside the process that was killed. */
export interface Found {
  /** how often each counted reading was taken in: `stream#sequence` */
  counted: Map<string, number>;
  points: Map<string, string[]>;
  signals: Map<string, string[]>;
  alertsRaised: number;
}

export function readStore(file: string): Found {
  const reader = openReader(file);
  const found: Found = {
    counted: new Map(),
    points: new Map(),
    signals: new Map(),
    alertsRaised: 0,
  };
  const head = reader.head();
  let after = 0;
  while (after < head) {
    const rows = reader.rows(after, 20_000);
    for (const { bytes } of rows.batches) countReadings(bytes, found.counted);
    for (const point of rows.points) add(found.points, point.characteristic, pointText(point));
    for (const s of rows.signals) add(found.signals, s.characteristic, signalText(s));
    found.alertsRaised += rows.alerts.filter((a) => a.transition === 'raised').length;
    after = rows.upTo;
  }
  reader.close();
  return found;
}

function countReadings(bytes: Uint8Array, counted: Map<string, number>): void {
  let offset = 0;
  while (offset < bytes.byteLength) {
    const length = batchBytes(bytes, offset);
    const batch = decodeBatch(bytes.subarray(offset, offset + length));
    for (let d = 0; d < batch.deliveries; d += 1) {
      const end = d + 1 < batch.deliveries ? (batch.first[d + 1] ?? 0) : batch.readings;
      for (let i = batch.first[d] ?? 0; i < end; i += 1) {
        if (batch.quality[i] === DUPLICATE) continue;
        const key = `${batch.stream(d)}#${batch.sequence[i]}`;
        counted.set(key, (counted.get(key) ?? 0) + 1);
      }
    }
    offset += length;
  }
}

function add(map: Map<string, string[]>, key: string, text: string): void {
  const list = map.get(key);
  if (list) list.push(text);
  else map.set(key, [text]);
}

/** Everything of a point but its place in the journal, which depends on how readings were batched. */
function pointText(point: Point): string {
  const { seq: _seq, ordinal: _ordinal, ...rest } = point;
  return JSON.stringify(rest);
}

function signalText(signal: Signal): string {
  const { seq: _seq, ordinal: _ordinal, ...rest } = signal;
  return JSON.stringify(rest);
}

/** In words, where two runs of the same input differ. */
export function compareRuns(disturbed: Found, calm: Found): string[] {
  const problems: string[] = [];
  for (const kind of ['points', 'signals'] as const) {
    const ids = new Set([...disturbed[kind].keys(), ...calm[kind].keys()]);
    for (const id of ids) {
      const a = disturbed[kind].get(id) ?? [];
      const b = calm[kind].get(id) ?? [];
      if (a.length !== b.length) problems.push(`${id}: ${a.length} ${kind}, calm ${b.length}`);
      const at = a.findIndex((text, i) => text !== b[i]);
      if (at >= 0) problems.push(`${id}: ${kind}[${at}] differ:\n    ${a[at]}\n    ${b[at]}`);
    }
  }
  if (disturbed.alertsRaised !== calm.alertsRaised) {
    problems.push(`${disturbed.alertsRaised} alerts raised, calm ${calm.alertsRaised}`);
  }
  return problems;
}
