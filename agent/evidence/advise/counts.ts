/** Node 1 of the tree: charts for counts. */
import { laneyChart, pooledRate } from '../../spc/attributes.ts';
import type { Advice, AdvisedChart, Counts, Step } from './observations.ts';
import { say } from './say.ts';
import { countLines } from './settings-lines.ts';

/** Fewer than this many expected in a sample: the plain limits mean nothing. */
const LEAST_EXPECTED = 5;
const OVERDISPERSED = 1.2;
const MOST_EXPECTED_EXACT = 9;

/** The chart for defective units or defects. */
export function adviseCounts(given: Counts): Advice {
  const { of, counts, sizes } = given;
  const units = of === 'units';
  const rate = pooledRate(counts, sizes);
  const smallest = Math.min(...sizes);
  const constant = sizes.every((size) => size === sizes[0]);
  const expected = rate === null ? 0 : rate * smallest;
  const { sigmaZ } = laneyChart(units ? 'binomial' : 'poisson', counts, sizes, rate);
  const rare = units && expected < LEAST_EXPECTED;
  const over = !rare && (sigmaZ ?? 0) > OVERDISPERSED;
  const chart = chartFor(units, constant, rare, over);
  const numbers = { rate, smallest, expected, sigmaZ, samples: counts.length };
  const steps: Step[] = [
    {
      question: 'Counts or measurement?',
      sentence:
        `${units ? 'Defective units' : 'Defects'} are counted; samples ` +
        (constant ? `of ${say(smallest)} each.` : `from ${say(smallest)} units on.`),
      numbers,
    },
    {
      question: 'Enough of them in a sample?',
      sentence: rare
        ? `Only ${say(expected)} defective units are expected in a sample; below ` +
          `${LEAST_EXPECTED} a chart of shares sees nothing but 0 and alarms. ` +
          'Count the good units between two bad ones.'
        : `${say(expected)} are expected in the smallest sample: enough.`,
      numbers: { expected },
    },
  ];
  if (!rare) {
    steps.push({
      question: 'Does it vary more than chance alone?',
      sentence: over
        ? `The counts vary ${say(sigmaZ)} times as much as chance alone would let them ` +
          `(above ${OVERDISPERSED}): limits must be widened by that.`
        : `The counts vary ${say(sigmaZ)} times as much as chance alone: the plain limits hold.`,
      numbers: { sigmaZ },
    });
  }
  return {
    chart,
    companion: null,
    proposal: {
      chart: NAMES[chart] ?? chart,
      limits: limitsFor(chart, expected),
      rules: 'The limits alone; add a run of 9 on one side if slow change matters.',
      sampling: rare
        ? 'Every unit in order, or one sample large enough for 5 defective units to be expected.'
        : 'As now. A sample is one lot, shift or hour, never across a change of material.',
    },
    steps,
    warnings:
      counts.length < 25
        ? [`Limits from ${counts.length} samples are uncertain: 25 are usual.`]
        : [],
    settings: countLines(chart, given),
  };
}

function chartFor(units: boolean, constant: boolean, rare: boolean, over: boolean): AdvisedChart {
  if (rare) return 'g';
  if (over) return units ? 'laney-p' : 'laney-u';
  if (units) return constant ? 'np' : 'p';
  return constant ? 'c' : 'u';
}

const NAMES: Partial<Record<AdvisedChart, string>> = {
  g: 'g chart: good units between defective ones',
  np: 'np chart: number of defective units',
  p: 'p chart: share of defective units',
  c: 'c chart: number of defects',
  u: 'u chart: defects per unit',
  'laney-p': "Laney p' chart: share of defective units, limits widened by what really varies",
  'laney-u': "Laney u' chart: defects per unit, limits widened by what really varies",
};

function limitsFor(chart: AdvisedChart, expected: number): string {
  if (chart === 'g') return 'Quantiles of the geometric distribution at 0.135 % and 99.865 %.';
  if (expected < MOST_EXPECTED_EXACT) {
    return 'Exact quantiles of the distribution: with fewer than 9 expected, 3 sigma is too rough.';
  }
  return '3 sigma about the pooled rate, frozen after 25 samples.';
}
