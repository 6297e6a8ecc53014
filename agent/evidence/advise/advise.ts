/**
 * The chart advisor: a tree of plain questions, from the kind of data to the shift that matters.
 * Every answer is a sentence with the numbers it rests on.
 */
import { adviseCounts } from './counts.ts';
import { type Facts, factsOf } from './facts.ts';
import {
  type Advice,
  type AdvisedChart,
  type Demands,
  NO_DEMANDS,
  type Observations,
  type Step,
} from './observations.ts';
import { propose } from './propose.ts';
import { say, sayPlace } from './say.ts';

const SHORT_RUN = 50;
const EQUAL_SPREAD = 0.05;
const DEPENDENT = 0.2;
const STRONGLY_DEPENDENT = 0.5;
const BETWEEN = 0.5;
const OUTSIDE = 0.1;
const LARGE_SUBGROUP = 9;
const LEAST_VALUES = 10;

/** Proposes a chart for readings or counts in process order. */
export function adviseChart(observations: Observations, demands: Demands = NO_DEMANDS): Advice {
  if (observations.kind === 'counts') return adviseCounts(observations);
  const facts = factsOf(observations, demands);
  const steps: Step[] = [
    {
      question: 'Counts or measurement?',
      sentence: `${say(facts.n)} measured readings, mean ${sayPlace(facts.mean, facts.sd)}, sd ${say(facts.sd)}.`,
      numbers: { n: facts.n, mean: facts.mean, sd: facts.sd },
    },
  ];
  const chart = decide(facts, steps);
  const shift = shiftThatMatters(facts, demands);
  steps.push(shift.step);
  return {
    chart,
    companion: shift.companion,
    ...propose(chart, shift.companion, facts),
    steps,
    warnings: warningsFor(facts, chart),
  };
}

/** Walks the tree; the first question with a special answer names the chart. */
function decide(facts: Facts, steps: Step[]): AdvisedChart {
  const questions = [shortRun, streams, wear, dependence, rational, between, shape];
  let chart: AdvisedChart | null = null;
  for (const ask of questions) {
    const answer = ask(facts);
    if (answer === null) continue;
    steps.push(answer.step);
    chart ??= answer.chart;
  }
  return chart ?? usual(facts);
}

function usual({ subgroups }: Facts): AdvisedChart {
  if (subgroups === null) return 'imr';
  const varying = subgroups.least !== subgroups.most;
  return varying || subgroups.most >= LARGE_SUBGROUP ? 'xbar-s' : 'xbar-r';
}

interface Answer {
  step: Step;
  chart: AdvisedChart | null;
}

const answer = (
  question: string,
  sentence: string,
  numbers: Step['numbers'],
  chart: AdvisedChart | null = null,
): Answer => ({ step: { question, sentence, numbers }, chart });

function shortRun({ parts }: Facts): Answer {
  const question = 'One part for long enough?';
  const { names, fewest, equalSpread, expected } = parts;
  const numbers = { parts: names, fewestPieces: fewest, equalSpreadP: equalSpread, expected };
  if (names > 1 && fewest < SHORT_RUN) {
    const equal = equalSpread === null || equalSpread > EQUAL_SPREAD;
    return answer(
      question,
      `${names} parts share the process, some with only ${fewest} pieces; their spread is ` +
        (equal
          ? `the same (p ${say(equalSpread)}): chart the deviation from each nominal.`
          : `not the same (p ${say(equalSpread)}): divide by each part's own sigma as well.`),
      numbers,
      equal ? 'dnom' : 'z-mr',
    );
  }
  if (expected !== null && expected < SHORT_RUN) {
    return answer(
      question,
      `Only ${expected} pieces are expected, too few for a baseline: a self-starting chart ` +
        'judges from the third piece on.',
      numbers,
      'q',
    );
  }
  return answer(question, 'Yes: fixed limits can be learned.', numbers);
}

function streams({ streams: { names, components } }: Facts): Answer | null {
  if (names < 2) return null;
  const p = components?.p ?? null;
  const different = p !== null && p < 0.05;
  return answer(
    'Several streams?',
    `${names} streams; their means ${different ? 'differ' : 'do not differ'} (p ${say(p)}). ` +
      'Each has its own index; chart the highest and the lowest of every sample.',
    { streams: names, p, between: components?.between ?? null, within: components?.within ?? null },
    'group',
  );
}

function wear({ wear: found }: Facts): Answer {
  const question = 'Known drift?';
  if (found === null) {
    return answer(question, 'No drift that comes back with a tool or a dressing.', {});
  }
  const { slope, p, lives, sameSign, period } = found;
  const told = period === null ? 'tool lives' : `stretches of about ${period} readings`;
  return answer(
    question,
    `The readings drift by ${say(slope)} a piece in ${sameSign} of ${lives} ${told} ` +
      `(p ${say(p)}) and come back: judge the distance from the sloping line.`,
    { slope, p, lives, sameSign, period },
    'regression',
  );
}

function dependence({ r1, ljungBox, effective, memory, n }: Facts): Answer {
  const question = 'Are neighbours alike?';
  const numbers = { r1, ljungBoxP: ljungBox, effective, memory };
  const far = memory === null ? '' : `, one in every ${Math.ceil(3 * memory)} points,`;
  if (r1 !== null && r1 > STRONGLY_DEPENDENT) {
    return answer(
      question,
      `Strongly (r1 ${say(r1)}): ${say(n)} readings tell as much as ${say(effective)} ` +
        'independent ones, and ordinary limits would ring without end. Chart what the last ' +
        'point could not foretell, or one figure per cycle.',
      numbers,
      'residual',
    );
  }
  if (r1 !== null && r1 > DEPENDENT) {
    return answer(
      question,
      `Somewhat (r1 ${say(r1)}): thin the sampling${far} or widen the limits; no run rules.`,
      numbers,
    );
  }
  return answer(question, `No (r1 ${say(r1)}, Ljung-Box p ${say(ljungBox)}).`, numbers);
}

function rational({ subgroups }: Facts): Answer {
  const question = 'Can pieces be grouped?';
  if (subgroups === null) return answer(question, 'No: single pieces are charted.', {});
  const { count, least, most } = subgroups;
  const size = least === most ? `${most}` : `${least} to ${most}`;
  return answer(question, `Yes: ${count} subgroups of ${size} pieces.`, { count, least, most });
}

function between({ between: parts }: Facts): Answer | null {
  if (parts === null) return null;
  const { ratio, outside, p, of } = parts;
  const much = p < 0.01 && (ratio > BETWEEN || outside > OUTSIDE);
  const numbers = { within: parts.within, between: parts.between, ratio, outside, p };
  return answer(
    `More between ${of} than within?`,
    much
      ? `Yes: the variance between ${of} is ${say(ratio)} times that within, and ` +
          `${say(100 * outside)} % of the means would lie outside limits made from within.`
      : `No: the variance between ${of} is ${say(ratio)} times that within.`,
    numbers,
    much ? 'between-within' : null,
  );
}

function shape({ shape: { p, skewness, skewed, family }, subgroups }: Facts): Answer {
  const question = 'Is the distribution a problem?';
  const numbers = { andersonDarlingP: p, skewness, family };
  if (!skewed) return answer(question, `No (normality p ${say(p)}).`, numbers);
  if (subgroups !== null && subgroups.least >= 4) {
    const sentence = `Single pieces are skewed (${say(skewness)}), their means hardly.`;
    return answer(question, sentence, numbers);
  }
  return answer(
    question,
    `Yes: skewed (${say(skewness)}, normality p ${say(p)}), nearest to ${family ?? 'no family'}: ` +
      'use quantile limits or transform, or the long side rings falsely.',
    numbers,
    'transformed',
  );
}

function shiftThatMatters({ index, sigma }: Facts, { target }: Demands) {
  const question = 'Which shift matters?';
  if (index === null) {
    const sentence =
      sigma === 0
        ? 'Readings that do not vary have no index, so limits alone are proposed.'
        : 'No tolerance is stated, so limits alone are proposed; state it to see more.';
    return { companion: null, step: answer(question, sentence, { index: null }).step };
  }
  const delta = 3 * (index - target);
  const numbers = { index, target, delta };
  const found = delta >= 2 ? null : delta >= 0.75 ? ('ewma-0.2' as const) : ('ewma-0.1' as const);
  const already = delta <= 0;
  const sentence = already
    ? `The index is ${say(index)}, already below ${target}: every shift matters; add an EWMA of ` +
      'weight 0.1, and improve the process first.'
    : `The index is ${say(index)}: a shift of ${say(delta)} sigma brings it below ${target}. ` +
      (found === null
        ? 'Limits alone find that soon enough.'
        : `Limits alone are slow for that: add an EWMA of weight ${found.slice(5)}.`);
  return { companion: found, step: answer(question, sentence, numbers).step };
}

function warningsFor(facts: Facts, chart: AdvisedChart): string[] {
  const list: string[] = [];
  const { n, subgroups, step, sigma } = facts;
  if (n < LEAST_VALUES) list.push(`${n} readings are too few to advise on; take this as a guess.`);
  const points = subgroups?.count ?? n;
  const wanted = subgroups === null ? 100 : 25;
  if (points < wanted && chart !== 'q') {
    list.push(`Limits from ${points} points are provisional: ${wanted} are wanted.`);
  }
  if (step !== null && sigma !== null && step > sigma) {
    const worse =
      step > 2 * sigma ? 'ranges of 0 will appear and sigma is too small' : 'borderline';
    list.push(`The gauge reads in steps of ${say(step)}, sigma is ${say(sigma)}: ${worse}.`);
  }
  if (facts.sd === 0) list.push('All readings are equal: is the sensor stuck?');
  return list;
}
