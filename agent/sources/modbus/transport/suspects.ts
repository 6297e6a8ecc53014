import type { Clock } from '../../../runtime/clock.ts';

/** What the answer to a request looks like: on a line without ids nothing else tells them apart. */
export interface Shape {
  unit: number;
  code: number;
  /** data bytes the answer announces; -1 for function codes that do not announce them */
  bytes: number;
}

/** Answers given up that may still come, on lines whose frames carry no id. */
export interface Suspects {
  add(shape: Shape): void;
  /** another one, given up together with those that are listed */
  alike(shape: Shape): void;
  /** would an answer of this shape be ambiguous? */
  has(unit: number, code: number, bytes: number): boolean;
  /** may a late answer or exception begin like this? */
  begins(unit: number, code: number): boolean;
  /** a late answer came: it is not waited for any more; false when none was */
  arrived(unit: number, code: number, bytes: number): boolean;
  /** monotonic time at which the first of them is given up for good */
  untilMs(): number;
}

const MOST = 12;

/** `patienceMs`: how late an answer may come and still be told from the right one. */
export function createSuspects(clock: Clock, patienceMs: number): Suspects {
  const list: (Shape & { untilMs: number })[] = [];
  const prune = () => {
    if (list.length === 0) return;
    const nowMs = clock.monotonic();
    while (list.length > 0 && (list[0]?.untilMs ?? 0) <= nowMs) list.shift();
  };
  return {
    add({ unit, code, bytes }) {
      prune();
      if (list.length >= MOST) list.shift();
      list.push({ unit, code, bytes, untilMs: clock.monotonic() + patienceMs });
    },
    alike({ unit, code, bytes }) {
      const untilMs = list.at(-1)?.untilMs ?? 0;
      if (list.length < MOST) list.push({ unit, code, bytes, untilMs });
    },
    has(unit, code, bytes) {
      prune();
      return list.some((s) => s.unit === unit && s.code === code && s.bytes === bytes);
    },
    begins(unit, code) {
      prune();
      return list.some((s) => s.unit === unit && s.code === code);
    },
    arrived(unit, code, bytes) {
      prune();
      const at = list.findIndex((s) => s.unit === unit && s.code === code && s.bytes === bytes);
      if (at >= 0) list.splice(at, 1);
      return at >= 0;
    },
    untilMs: () => list[0]?.untilMs ?? 0,
  };
}
