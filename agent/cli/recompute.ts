import { decodeBatch } from '../batch.ts';
import type { Outputs } from '../core/outputs.ts';
import type { Command, CoreOptions } from '../core/protocol.ts';
import { reducerOf } from '../core/serve.ts';
import type { SourceEvent } from '../model.ts';
import { openTail, type Tail } from '../store/tail.ts';

export interface Recomputed {
  /** transactions behind the saved state that were put through the reducer again */
  transactions: number;
  points: number;
  /** in words, where what came out differs from what is stored */
  differences: string[];
}

/**
 * Puts the journal behind the saved state through the reducer again and compares what comes out
 * with the points and signals that are stored: state and data belong together.
 */
export function recomputeTail(file: string): Recomputed {
  const tail = openTail(file);
  try {
    const text = tail.state.get('settings');
    if (text === undefined) return { transactions: 0, points: 0, differences: [] };
    return compare(tail, JSON.parse(text) as CoreOptions['settings']);
  } finally {
    tail.close();
  }
}

function compare(tail: Tail, settings: CoreOptions['settings']): Recomputed {
  const reducer = reducerOf(settings, { numbers: () => tail.numbers });
  reducer.restore(tail.state);
  const found: string[] = [];
  const out: Outputs = {
    point: (p) => void found.push(`${p.characteristic} ${p.chart} ${p.index} ${p.value} ${p.z}`),
    signal: (s) => void found.push(`${s.characteristic} ${s.chart} ${s.rule} ${s.pointIndex}`),
    alert() {},
    limits() {},
    gap() {},
    reading() {},
  };
  let transactions = 0;
  let last = 0;
  for (const { seq, kind, bytes } of tail.frames()) {
    transactions += seq === last ? 0 : 1;
    last = seq;
    if (kind === 'batch') {
      reducer.batch(decodeBatch(bytes), out);
      // The next frame holds them.
      reducer.features();
      continue;
    }
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (kind === 'event') reducer.event(value as SourceEvent, out);
    else if (kind === 'command') reducer.command(value as Command, out);
    else {
      const tick = value as { nowMs: number; start: boolean };
      reducer.tick(tick.nowMs, tick.start, out);
    }
  }
  const { points, signals } = tail.derived();
  const stored = [
    ...points.map((p) => `${p.characteristic} ${p.chart} ${p.index} ${p.value} ${p.z}`),
    ...signals.map((s) => `${s.characteristic} ${s.chart} ${s.rule} ${s.pointIndex}`),
  ];
  return { transactions, points: points.length, differences: differences(found, stored) };
}

function differences(found: string[], stored: string[]): string[] {
  const a = [...found].sort();
  const b = [...stored].sort();
  const at = a.findIndex((text, i) => text !== b[i]);
  if (at < 0 && a.length === b.length) return [];
  const one = at < 0 ? a.length : at;
  return [`recomputed '${a[one] ?? 'nothing'}' where '${b[one] ?? 'nothing'}' is stored`];
}
