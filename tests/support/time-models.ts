import { createRandom } from '../../agent/plants/random.ts';
import type { TimeModelName } from '../../agent/spc/time-model.ts';

/** Subgroups of five of a process of each time-dependent model; within sigma about 1. */
export function simulated(model: TimeModelName, seed: number, k = 50, n = 5): number[][] {
  const { normal, uniform } = createRandom(seed);
  const skewed = () => -Math.log(1 - uniform()) - 1;
  const noise = () => normal();
  const makers: Record<TimeModelName, (i: number) => () => number> = {
    A1: () => noise,
    A2: () => skewed,
    B: () => {
      const sd = Math.exp(0.7 * normal());
      return () => sd * normal();
    },
    C1: () => {
      const location = 1.2 * normal();
      return () => location + normal();
    },
    C2: () => {
      const location = 2.5 * skewed();
      return () => location + normal();
    },
    // A worn tool is changed after every ten subgroups, or the whole study drifts.
    C3: (i) => {
      const location = seed % 2 === 0 ? 0.35 * (i % 10) : (4 * i) / k;
      return () => location + normal();
    },
    C4: (i) => {
      const location = (6 * i) / k + 0.9 * normal();
      return () => location + normal();
    },
    D: (i) => {
      const location = (4 * i) / k;
      const sd = Math.exp(0.7 * normal());
      return () => location + sd * normal();
    },
  };
  return Array.from({ length: k }, (_, i) => {
    const draw = makers[model](i);
    return Array.from({ length: n }, draw);
  });
}
