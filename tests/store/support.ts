import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchBuilder, type Delivery } from '../../agent/batch.ts';
import type { Alert, AlertEvent, Gap, Limits, Point, Signal } from '../../agent/model.ts';
import { openWriter, type StoreOptions, type StoreWriter } from '../../agent/store/writer.ts';

export const DAY_MS = 86_400_000;
/** 1 March 2026, when these plants run. */
export const START_MS = 1_772_323_200_000;

/** A folder of its own for one test; `clean` removes it. */
export function folder(): { path: string; file: string; clean(): void } {
  const path = mkdtempSync(join(tmpdir(), 'meyar-store-'));
  return {
    path,
    file: join(path, 'meyar.db'),
    clean: () => rmSync(path, { recursive: true, force: true }),
  };
}

export function open(file: string, options: Partial<StoreOptions> = {}): StoreWriter {
  return openWriter(file, { monotonic: () => performance.now(), ...options });
}

/** One transaction. */
export function transact(writer: StoreWriter, work: () => void, wallMs = START_MS): number {
  writer.begin(wallMs);
  work();
  writer.commit();
  return writer.head();
}

/** A batch of one delivery with these readings of characteristic `number`. */
export function batch(number: number, values: readonly number[], first = 0): Uint8Array {
  const builder = batchBuilder();
  const delivery: Delivery = {
    stream: 'press-1',
    context: '{"lot":"A7"}',
    raw: new Uint8Array([1, 2, 3]),
    receiveMs: START_MS,
    modulus: 0,
    redelivered: false,
    count: values.length,
    tag: values.map(() => number),
    value: [...values],
    quality: values.map(() => 0),
    sourceMs: values.map((_, i) => START_MS + first + i),
    sequence: values.map((_, i) => first + i),
  };
  builder.add(delivery);
  return new Uint8Array(builder.take());
}

export const text = (value: string) => new TextEncoder().encode(value);
export const said = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

export function point(index: number, over: Partial<Point> = {}): Point {
  return {
    seq: 0,
    ordinal: 0,
    characteristic: 'od',
    chart: 'xbar-r',
    index,
    timeMs: START_MS + 1000 * index,
    partSequence: 5 * index,
    size: 5,
    value: 21.98 + index / 1e4,
    cl: 21.98,
    lcl: 21.97,
    ucl: null,
    z: 0.25,
    rules: 5,
    spread: 0.003,
    spreadCl: 0.002,
    spreadLcl: null,
    spreadUcl: 0.006,
    spreadZ: -0.5,
    spreadRules: 0x8000_0000,
    phase: 2,
    limitsVersion: 3,
    ...over,
  };
}

export function signal(pointIndex: number, over: Partial<Signal> = {}): Signal {
  return {
    seq: 0,
    ordinal: 0,
    characteristic: 'od',
    chart: 'xbar-r',
    statistic: 'location',
    rule: 'nelson-1',
    text: 'one point beyond 3 sigma',
    pointIndex,
    timeMs: START_MS + pointIndex,
    value: 22.01,
    side: 'upper',
    severity: 'alarm',
    provisional: false,
    ...over,
  };
}

export function alertEvent(id: number, over: Partial<Alert> = {}): AlertEvent {
  const alert: Alert = {
    id,
    kind: 'out-of-control',
    severity: 'alarm',
    state: 'open',
    subject: 'od',
    title: 'OD turned',
    detail: 'one point beyond 3 sigma',
    unit: 'mm',
    class: 'SC',
    reactionPlan: 'Check the insert.',
    onsetMs: START_MS,
    openedMs: START_MS,
    lastMs: START_MS,
    clearedMs: null,
    acknowledgedMs: null,
    acknowledgedBy: null,
    cause: null,
    action: null,
    comment: null,
    count: 1,
    value: 22.01,
    rules: ['nelson-1'],
    context: { lot: 'A7' },
    ...over,
  };
  return { seq: 0, ordinal: 0, transition: 'raised', timeMs: START_MS, alert };
}

export function limits(version: number, over: Partial<Limits> = {}): Limits {
  return {
    characteristic: 'od',
    version,
    origin: 'baseline',
    center: 21.98,
    sigma: 0.0026,
    estimator: 'rbar/d2',
    subgroups: 25,
    readings: 125,
    baselineOutside: 0,
    frozenAtMs: START_MS,
    approvedBy: null,
    approvedAtMs: null,
    note: '',
    ...over,
  };
}

export function gap(from: number, to: number): Gap {
  return {
    seq: 0,
    ordinal: 0,
    source: 'cnc-1',
    stream: 'result',
    from,
    to,
    missed: to - from + 1,
    timeMs: START_MS,
  };
}
