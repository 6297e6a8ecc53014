/** Kinds of case that only the shipped validation has: run lengths beyond the reference data. */

import { compileRules } from '../../rules/compile.ts';
import { rules as ruleKinds } from '../../rules/index.ts';
import { forget, judge } from '../../rules/judge.ts';
import { c4, c5, d2, d3 } from '../../spc/constants.ts';
import { PLOTTED } from '../../spc/plotted.ts';
import { chainRunLength, chainSurvival, runLengthTogether } from '../../spc/run-length/chain.ts';
import { individualsChain } from '../../spc/run-length/individuals.ts';
import { arlMewmaShifted } from '../../spc/run-length/mewma.ts';
import { rulesChain, rulesMachine } from '../../spc/run-length/rules.ts';
import { simulateRunLength } from '../../spc/run-length/simulate.ts';
import { normalMean, onScale, rangeOf, sdOf } from '../../spc/run-length/statistics.ts';
import { arlZoneChart } from '../../spc/run-length/zone-chart.ts';
import { type Adapter, need } from './adapters/common.ts';
import { moreAdapters } from './adapters/index.ts';
import { goldenRules } from './live-rules.ts';

/** Draws standard normal numbers from a seed. */
export type Normals = (seed: number) => () => number;

/** The adapters; simulated ones draw their numbers from `normals`. */
export function ownKinds(normals: Normals): Record<string, Adapter> {
  return {
    ...moreAdapters,
    'arl-mewma-shifted': (input) => ({
      arl: need<number[]>(input, 'shifts').map((shift) =>
        arlMewmaShifted(need(input, 'lambda'), need(input, 'h'), need(input, 'p'), shift),
      ),
    }),
    'arl-zone': (input) => ({
      arl: need<number[]>(input, 'shifts').map((shift) =>
        arlZoneChart(need(input, 'scores'), shift),
      ),
    }),
    'arl-pair': (input) => ({ arl: pairs(input) }),
    'arl-simulated': (input) => ({ arl: simulated(input, normals) }),
  };
}

/** Mean and spread, or individual and moving range, limits alone at 3 sigma. */
function pairs(input: Record<string, unknown>): (number | null)[] {
  const chart = need<string>(input, 'chart');
  if (chart === 'imr') {
    const range = d2(2) + 3 * d3(2);
    return need<[number, number][]>(input, 'disturbances').map(([shift, ratio]) =>
      chainRunLength(individualsChain(3, range, shift, ratio)),
    );
  }
  const n = need<number>(input, 'size');
  const limits = [ruleKinds.create(ruleKinds.schema.parse({ kind: 'beyond-limits' }), {})];
  const means = rulesMachine(limits);
  const spreads = rulesMachine(limits, { upper: 3, lower: Infinity });
  if (means === null || spreads === null) return [null];
  const law =
    chart === 'xbar-r'
      ? onScale(rangeOf(n), { center: d2(n), up: d3(n), down: Infinity })
      : onScale(sdOf(n), { center: c4(n), up: c5(n), down: Infinity });
  const chains = [rulesChain(means, normalMean(0)), rulesChain(spreads, law)];
  return [runLengthTogether(chains.map(chainSurvival))];
}

/** The live rules on simulated points. */
function simulated(input: Record<string, unknown>, normals: Normals): number[] {
  const made = need<string[]>(input, 'rules').map((key) =>
    ruleKinds.create(ruleKinds.schema.parse(goldenRules[key]), {}),
  );
  const compiled = compileRules(made, () => true);
  const words = new Int32Array(compiled.words);
  const numbers = Float64Array.of(0, 0, -3, 3, 1, 1, 1e-12, 0, 0);
  const normal = normals(need(input, 'seed'));
  return need<number[]>(input, 'shifts').map(
    (shift) =>
      simulateRunLength(
        {
          restart: () => forget(compiled, words, 0, numbers, PLOTTED.count),
          signals() {
            numbers[PLOTTED.value] = shift + normal();
            return judge(compiled, words, 0, numbers, 0, PLOTTED.count) !== 0;
          },
        },
        need(input, 'runs'),
      ).arl,
  );
}
