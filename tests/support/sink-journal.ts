import { batchBuilder, type Delivery } from '../../agent/batch.ts';
import type { Alert, Characteristic, Limits, Point, Signal } from '../../agent/model.ts';
import { silentLog } from '../../agent/runtime/log.ts';
import { decodeRows, type ShipperRows } from '../../agent/sinks/rows.ts';
import type { Rows, SinkContext } from '../../agent/sinks/sink.ts';

/** A journal in memory: what the store's reader would hand to a shipper. */
export interface FakeJournal {
  /** one transaction; returns its seq */
  commit(part: Partial<Commit>): number;
  head(): number;
  rows(after: number, maxReadings: number, upTo?: number): Promise<ShipperRows>;
  /** the same, decoded, for direct calls of a sink */
  decoded(after?: number): Rows;
}

export interface Commit {
  deliveries: Partial<Delivery>[];
  points: Point[];
  signals: Signal[];
  alerts: ShipperRows['alerts'];
  limits: Limits[];
  gaps: ShipperRows['gaps'];
}

export function fakeJournal(): FakeJournal {
  const commits: (Omit<Commit, 'deliveries'> & {
    readings: number;
    first: number;
    bytes: Uint8Array;
  })[] = [];
  let total = 0;
  const builder = batchBuilder();
  const rows = (after: number, maxReadings: number, most = commits.length): ShipperRows => {
    const out: ShipperRows = { ...empty(), after, upTo: after, batches: [] };
    let readings = 0;
    const end = Math.min(most, commits.length);
    for (let seq = after + 1; seq <= end && readings < maxReadings; seq += 1) {
      const commit = commits[seq - 1];
      if (commit === undefined) break;
      out.upTo = seq;
      readings += commit.readings;
      const { first, bytes } = commit;
      if (commit.readings > 0) out.batches.push({ seq, first, bytes });
      out.points.push(...commit.points);
      out.signals.push(...commit.signals);
      out.alerts.push(...commit.alerts);
      out.limits.push(...commit.limits);
      out.gaps.push(...commit.gaps);
    }
    return out;
  };
  return {
    commit(part) {
      const seq = commits.length + 1;
      for (const one of part.deliveries ?? []) builder.add(delivery(one));
      const readings = builder.readings();
      const bytes = new Uint8Array(builder.take());
      commits.push({ ...empty(), ...part, readings, first: total, bytes });
      total += readings;
      let ordinal = 0;
      const derived = [part.points, part.signals, part.alerts, part.gaps];
      for (const row of derived.flatMap((x): { seq: number; ordinal: number }[] => x ?? [])) {
        row.seq = seq;
        row.ordinal = ordinal;
        ordinal += 1;
      }
      return seq;
    },
    head: () => commits.length,
    rows: async (after, maxReadings, upTo) => rows(after, maxReadings, upTo),
    decoded: (after = 0) => decodeRows(rows(after, Number.POSITIVE_INFINITY)).rows,
  };
}

const empty = () => ({ points: [], signals: [], alerts: [], limits: [], gaps: [] });

/** A delivery with what matters given and the rest plausible. */
export function delivery(part: Partial<Delivery>): Delivery {
  const value = part.value ?? [];
  return {
    stream: 's',
    context: '',
    raw: new Uint8Array(),
    receiveMs: T0,
    modulus: 0,
    redelivered: false,
    count: value.length,
    tag: value.map(() => 0),
    value,
    quality: value.map(() => 0),
    sourceMs: value.map(() => part.receiveMs ?? T0),
    sequence: value.map(() => Number.NaN),
    ...part,
  };
}

/** 2026-10-05 06:40 UTC: the start of every made-up shift here. */
export const T0 = 1_791_182_400_000;

export function characteristic(part: Partial<Characteristic> = {}): Characteristic {
  return {
    id: 'od-turned',
    name: 'OD turned 22 h8',
    unit: 'mm',
    nominal: 21.9835,
    lsl: 21.967,
    usl: 22,
    class: 'SC',
    resolution: 0.0001,
    decimals: 4,
    reactionPlan: 'check the insert',
    part: 'kick-starter shaft',
    line: 'shaft-1',
    machine: 'cnc-1',
    ...part,
  };
}

/** Characteristics by number = position in the list. */
export function sinkContext(list: Characteristic[], part: Partial<SinkContext> = {}): SinkContext {
  return {
    name: 'influx',
    site: 'Lahore (made up)',
    characteristic: (number) => list[number],
    characteristicById: (id) => list.find((one) => one.id === id),
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    log: silentLog,
    ...part,
  };
}

export function point(part: Partial<Point> = {}): Point {
  return {
    seq: 0,
    ordinal: 0,
    characteristic: 'od-turned',
    chart: 'xbar-r',
    index: 1,
    timeMs: T0,
    partSequence: 5,
    size: 5,
    value: 21.9836,
    cl: 21.9835,
    lcl: 21.98,
    ucl: 21.987,
    z: 0.1,
    rules: 0,
    spread: 0.004,
    spreadCl: 0.005,
    spreadLcl: 0,
    spreadUcl: 0.011,
    spreadZ: null,
    spreadRules: 0,
    phase: 2,
    limitsVersion: 1,
    ...part,
  };
}

export function signal(part: Partial<Signal> = {}): Signal {
  return {
    seq: 0,
    ordinal: 0,
    characteristic: 'od-turned',
    chart: 'xbar-r',
    statistic: 'location',
    rule: 'nelson-1',
    text: 'one point beyond 3 sigma',
    pointIndex: 1,
    timeMs: T0,
    value: 21.99,
    side: 'upper',
    severity: 'alarm',
    provisional: false,
    ...part,
  };
}

export function alert(part: Partial<Alert> = {}): Alert {
  return {
    id: 7,
    kind: 'out-of-control',
    severity: 'alarm',
    state: 'open',
    subject: 'od-turned',
    title: 'OD turned 22 h8: out of control',
    detail: 'one point beyond 3 sigma',
    unit: 'mm',
    class: 'SC',
    reactionPlan: 'check the insert',
    onsetMs: T0 - 60_000,
    openedMs: T0,
    lastMs: T0,
    clearedMs: null,
    acknowledgedMs: null,
    acknowledgedBy: null,
    cause: null,
    action: null,
    comment: null,
    count: 1,
    value: 21.99,
    rules: ['nelson-1'],
    context: { serial: 'K-1001' },
    ...part,
  };
}

export function limits(part: Partial<Limits> = {}): Limits {
  return {
    characteristic: 'od-turned',
    version: 1,
    origin: 'baseline',
    center: 21.9835,
    sigma: 0.0026,
    estimator: 'rbar/d2',
    subgroups: 25,
    readings: 125,
    baselineOutside: 0,
    frozenAtMs: T0,
    approvedBy: null,
    approvedAtMs: null,
    note: '',
    ...part,
  };
}
