/** Histories as states: walked through from the start, then merged where their future is alike. */

/** `next[s][symbol]` is the state that follows, or SIGNAL. */
export interface Machine {
  next: number[][];
  start: number;
}

export const SIGNAL = -1;

/** Memory of a chart as numbers; null after a signal. */
export type Step = (state: readonly number[], symbol: number) => number[] | null;

/** All states that can be reached without a signal; null when there are more than `most`. */
export function reachable(
  start: readonly number[],
  symbols: number,
  step: Step,
  most: number,
): Machine | null {
  const numbers = new Map<string, number>([[start.join(), 0]]);
  const states: (readonly number[])[] = [start];
  const next: number[][] = [];
  for (let s = 0; s < states.length; s += 1) {
    if (states.length > most) return null;
    const row: number[] = [];
    for (let symbol = 0; symbol < symbols; symbol += 1) {
      const state = step(states[s] as number[], symbol);
      row.push(state === null ? SIGNAL : numberOf(state, numbers, states));
    }
    next.push(row);
  }
  return { next, start: 0 };
}

function numberOf(
  state: number[],
  numbers: Map<string, number>,
  states: (readonly number[])[],
): number {
  const key = state.join();
  const known = numbers.get(key);
  if (known !== undefined) return known;
  numbers.set(key, states.length);
  states.push(state);
  return states.length - 1;
}

/** Moore's refinement: states with the same future become one. */
export function lumped({ next, start }: Machine): Machine {
  let classOf = next.map(() => 0);
  let count = 1;
  for (;;) {
    const names = new Map<string, number>();
    const old = classOf;
    const futureOf = (row: number[]) => row.map((to) => (to < 0 ? to : (old[to] as number)));
    classOf = next.map((row, s) => {
      const key = `${old[s]}:${futureOf(row).join()}`;
      if (!names.has(key)) names.set(key, names.size);
      return names.get(key) as number;
    });
    if (names.size === count) break;
    count = names.size;
  }
  const merged: number[][] = [];
  next.forEach((row, s) => {
    merged[classOf[s] as number] ??= row.map((to) => (to < 0 ? to : (classOf[to] as number)));
  });
  return { next: merged, start: classOf[start] ?? 0 };
}
