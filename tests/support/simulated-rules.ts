import { compileRules } from '../../agent/rules/compile.ts';
import { rules } from '../../agent/rules/index.ts';
import { forget, judge } from '../../agent/rules/judge.ts';
import type { RuleSettings } from '../../agent/rules/rule-sets.ts';
import { PLOTTED } from '../../agent/spc/plotted.ts';
import type { SimulatedChart } from '../../agent/spc/run-length/simulate.ts';

/** The live rules over points in sigmas that `point` draws; `start` is told when a run begins. */
export function simulatedRules(
  settings: readonly RuleSettings[],
  point: () => number,
  sigma = 1,
  start: () => void = () => {},
): SimulatedChart {
  const made = settings.map((s) => rules.create(rules.schema.parse(s), {}));
  const compiled = compileRules(made, () => true);
  const words = new Int32Array(compiled.words);
  const numbers = new Float64Array(PLOTTED.count + 2).fill(0.5);
  [0, 0, -3 * sigma, 3 * sigma, sigma, sigma, 1e-12].forEach((value, i) => {
    numbers[i] = value;
  });
  return {
    restart() {
      start();
      forget(compiled, words, 0, numbers, PLOTTED.count);
    },
    signals() {
      numbers[PLOTTED.value] = point();
      return judge(compiled, words, 0, numbers, 0, PLOTTED.count) !== 0;
    },
  };
}
