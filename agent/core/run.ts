import type { AlertBook, BookState } from '../alerts/book.ts';
import { startBook } from '../alerts/book.ts';
import type { Signal } from '../model.ts';
import {
  asksForContext,
  type CharacteristicPlan,
  type CharacteristicState,
  startCharacteristics,
} from './characteristic.ts';
import type { CyclesPlan } from './cycles/plan.ts';
import { type Cycles, startCycles } from './cycles/step.ts';
import { noFigures, type ReducerFigures } from './figures.ts';
import type { JoinPlan } from './groups/plan.ts';
import { type Groups, startGroups } from './groups/step.ts';
import type { Outputs } from './outputs.ts';
import { createStreams, type Streams } from './streams.ts';

/** What the reducer is made of. */
export interface ReducerPlan {
  characteristics: CharacteristicPlan[];
  /** lasting number of each characteristic, in the same order */
  numbers: number[];
  /** names of the sources: the other subjects that alerts speak of */
  sources: string[];
  book: AlertBook;
  /** which of the characteristics are groups, and of what */
  joins?: readonly JoinPlan[];
  /** cycles in which features of signals are taken; null or left out: none */
  cycles?: CyclesPlan | null;
}

/** The whole mutable state of the core, one plain record; every step is a function on it. */
export interface Run {
  plan: ReducerPlan;
  states: CharacteristicState[];
  /** position in `states` by lasting number; -1 when nobody reads it any more */
  byNumber: Int32Array;
  byId: Map<string, number>;
  dirty: Uint8Array;
  /** who looks at the context of readings */
  asks: Uint8Array;
  /** what the page has not heard of yet */
  unseen: Uint8Array;
  streams: Streams;
  groups: Groups | null;
  cycles: Cycles | null;
  /** silence before this moment is not held against anybody: the agent itself was away */
  startedMs: number;
  /** receive time of the last reading, 0 before the first; and who is known to be silent */
  lastMs: Float64Array;
  silent: Uint8Array;
  bookState: BookState;
  figures: ReducerFigures;
  /** signals of the reading being taken in, copied: what the alert book is told */
  heard: Signal[];
  alerted: boolean;
  /** some reading of the batch says what it was measured with */
  gauges: boolean;
  /** alerts told of since the last snapshot */
  told: Set<number>;
}

export function startRun(plan: ReducerPlan): Run {
  const highest = plan.numbers.reduce((a, b) => Math.max(a, b), -1);
  const byNumber = new Int32Array(highest + 1).fill(-1);
  plan.numbers.forEach((number, at) => {
    byNumber[number] = at;
  });
  const count = plan.characteristics.length;
  return {
    plan,
    states: startCharacteristics(plan.characteristics),
    byNumber,
    byId: new Map(plan.characteristics.map((c, at) => [c.id, at])),
    dirty: new Uint8Array(count),
    asks: Uint8Array.from(plan.characteristics, (c) => Number(asksForContext(c))),
    unseen: new Uint8Array(count).fill(1),
    streams: createStreams(),
    groups: startGroups(plan.joins ?? [], count),
    cycles: startCycles(plan.cycles ?? null),
    startedMs: Number.MAX_SAFE_INTEGER,
    lastMs: new Float64Array(count),
    silent: new Uint8Array(count),
    bookState: startBook(),
    figures: noFigures(),
    heard: [],
    alerted: false,
    gauges: false,
    told: new Set(),
  };
}

/** Everything that leaves the reducer passes here to be counted; signals are kept for the book. */
export function counting(r: Run, out: Outputs): Outputs {
  return {
    point(point) {
      r.figures.points += 1;
      out.point(point);
    },
    signal(signal) {
      r.figures.signals += 1;
      if (!signal.provisional) r.heard.push({ ...signal });
      out.signal(signal);
    },
    alert(event) {
      r.figures.alerts += event.transition === 'raised' ? 1 : 0;
      r.alerted = true;
      r.told.add(event.alert.id);
      const at = r.byId.get(event.alert.subject);
      if (at !== undefined) r.unseen[at] = 1;
      out.alert(event);
    },
    touched: (id) => void r.told.add(id),
    limits: (limits) => out.limits(limits),
    gap: (gap) => out.gap(gap),
    event: (event) => out.event?.(event),
    reading: (number, sourceMs, value, quality, sequence) =>
      out.reading(number, sourceMs, value, quality, sequence),
  };
}
