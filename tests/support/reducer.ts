import { alertBook } from '../../agent/alerts/book.ts';
import { alertSettings, policyOf } from '../../agent/alerts/policy.ts';
import { batchBuilder, type Delivery, decodeBatch } from '../../agent/batch.ts';
import { characteristicSettings } from '../../agent/core/characteristic.ts';
import { planAll } from '../../agent/core/groups/plan.ts';
import { groupSettings } from '../../agent/core/groups/settings.ts';
import type { Outputs } from '../../agent/core/outputs.ts';
import type { Command, CoreOptions } from '../../agent/core/protocol.ts';
import { type CommandResult, createReducer, type Reducer } from '../../agent/core/reducer.ts';
import type { AlertEvent, Gap, Limits, Point, Signal, SourceEvent } from '../../agent/model.ts';
import { delivery } from './sink-journal.ts';

/** One input of the reducer, as the journal keeps it. */
export type Input =
  | { kind: 'batch'; bytes: Uint8Array }
  | { kind: 'tick'; nowMs: number; start: boolean }
  | { kind: 'event'; event: SourceEvent }
  | { kind: 'command'; command: Command };

/** Everything a reducer gave out, copied. */
export interface Collected extends Outputs {
  points: Point[];
  signals: Signal[];
  alerts: AlertEvent[];
  limitsSeen: Limits[];
  gaps: Gap[];
  readings: number[][];
}

/** Rows of the control plan as the settings file has them; `source` and `tag` are filled in. */
export type Rows = Record<string, Record<string, unknown>>;

/** Checked settings of one row. */
export function checkedRow(id: string, row: Record<string, unknown>) {
  return characteristicSettings.parse({ name: id, source: 's', tag: id, ...row });
}

/** A reducer for these rows; characteristic numbers are positions unless given. */
export function reducerFor(
  rows: Rows,
  options: {
    alerts?: Record<string, unknown>;
    sources?: string[];
    numbers?: number[];
    groups?: Record<string, Record<string, unknown>>;
  } = {},
): Reducer {
  const checked = Object.entries(rows).map(([id, row]) => [id, checkedRow(id, row)] as const);
  const settings = {
    characteristics: Object.fromEntries(checked),
    groups: Object.fromEntries(
      Object.entries(options.groups ?? {}).map(([id, group]) => [
        id,
        groupSettings.parse({ name: id, ...group }),
      ]),
    ),
    alerts: policyOf(alertSettings.parse(options.alerts ?? {})),
    sources: options.sources ?? ['s'],
  };
  return reducerOf(settings, options);
}

/** A reducer for checked settings, as the core thread makes it. */
export function reducerOf(
  settings: CoreOptions['settings'],
  options: { numbers?: number[] } = {},
): Reducer {
  const { characteristics, joins } = planAll(settings.characteristics, settings.groups);
  return createReducer({
    characteristics,
    joins,
    numbers: options.numbers ?? characteristics.map((_, at) => at),
    sources: settings.sources,
    book: alertBook(settings.alerts),
  });
}

export function collect(): Collected {
  const all: Collected = {
    points: [],
    signals: [],
    alerts: [],
    limitsSeen: [],
    gaps: [],
    readings: [],
    point: (point) => void all.points.push({ ...point }),
    signal: (signal) => void all.signals.push({ ...signal }),
    alert: (event) => void all.alerts.push(structuredClone(event)),
    limits: (limits) => void all.limitsSeen.push({ ...limits }),
    gap: (gap) => void all.gaps.push({ ...gap }),
    reading: (...reading) => void all.readings.push(reading),
  };
  return all;
}

/** Deliveries as one encoded batch. */
export function encode(deliveries: readonly Partial<Delivery>[]): Uint8Array {
  const builder = batchBuilder();
  for (const one of deliveries) builder.add(delivery(one));
  return new Uint8Array(builder.take());
}

/** Gives one input to a reducer. Batches are marked in place, as in the journal. */
export function feed(reducer: Reducer, input: Input, out: Outputs): CommandResult | boolean {
  if (input.kind === 'batch') return reducer.batch(decodeBatch(input.bytes), out);
  if (input.kind === 'command') return reducer.command(input.command, out);
  if (input.kind === 'tick') reducer.tick(input.nowMs, input.start, out);
  else reducer.event(input.event, out);
  return false;
}

/** The whole state, as text that can be compared. */
export function stateOf(reducer: Reducer): Map<string, string> {
  return new Map([...reducer.snapshot(true)].sort(([a], [b]) => (a < b ? -1 : 1)));
}
