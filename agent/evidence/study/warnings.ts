/** What a reader must know before trusting a study, in plain words, the gravest first. */
import type { Model } from './model.ts';
import type { Stability } from './stability.ts';

export interface Warning {
  code: string;
  text: string;
}

export interface WarningInput {
  n: number;
  subgroups: number | null;
  missing: number;
  distinct: number;
  sigma: number | null;
  mean: number;
  lsl: number | null;
  usl: number | null;
  natural: 'lower' | 'upper' | 'none';
  stability: Stability;
  model: Model | null;
  autocorrelation: { r1: number | null; effective: number | null };
  /** index the sample must show to prove 1.33 */
  needed: number | null;
  nonNormalMethod: string;
}

const ENOUGH = 100;
const TOO_FEW = 30;

/** Warnings in the order in which they matter. */
export function warningsOf(input: WarningInput): Warning[] {
  const all = [
    constant(input),
    unstable(input.stability),
    meanOutside(input),
    autocorrelated(input),
    poorFit(input),
    tooFew(input),
    resolution(input),
    oneSided(input),
    missing(input),
  ];
  return all.filter((warning) => warning !== null);
}

function warn(code: string, text: string): Warning {
  return { code, text };
}

function constant({ n, sigma }: WarningInput): Warning | null {
  if (n < 2) return warn('one-value', 'One reading has no spread: no index can be computed.');
  if (sigma !== 0) return null;
  return warn(
    'constant',
    'All readings are equal. Sigma is 0 and no index is defined: is the gauge stuck or too coarse?',
  );
}

function unstable({ verdict, reason }: Stability): Warning | null {
  if (verdict === 'unstable') {
    return warn(
      'unstable',
      `The process is unstable (${reason}). Capability cannot be claimed: find the causes first. ` +
        'Pp and Ppk describe only these readings; Cp and Cpk must not be quoted.',
    );
  }
  if (verdict === 'stable') return null;
  return warn(
    'not-judged',
    `Stability was not judged (${reason}). Without it no capability can be claimed.`,
  );
}

function meanOutside({ mean, lsl, usl }: WarningInput): Warning | null {
  const out = (lsl !== null && mean < lsl) || (usl !== null && mean > usl);
  return out
    ? warn('mean-outside', 'The mean lies outside the tolerance: are limits and unit right?')
    : null;
}

function autocorrelated({ autocorrelation, n, subgroups }: WarningInput): Warning | null {
  const { r1, effective } = autocorrelation;
  if (r1 === null || effective === null) return null;
  const what = subgroups === null ? 'readings' : 'means';
  const count = subgroups ?? n;
  return warn(
    'autocorrelation',
    r1 > 0
      ? `Neighbouring ${what} are alike (r1 = ${r1.toFixed(2)}): sigma within is too small, Cp and ` +
          `Cpk too good, and ${count} ${what} are worth about ${Math.round(effective)} ` +
          'independent ones. Sample less often, or trust Pp and Ppk only.'
      : `Neighbouring ${what} alternate (r1 = ${r1.toFixed(2)}): is the process adjusted after ` +
          'every reading, or are two streams mixed? Sigma within is too large.',
  );
}

function poorFit({ model, stability, nonNormalMethod }: WarningInput): Warning | null {
  if (model === null || stability.verdict === 'unstable') return null;
  if (!model.fits) return warn('no-model', `Distribution: ${model.why}. Indices are doubtful.`);
  if (model.distribution === 'normal') return null;
  return warn(
    'not-normal',
    `The readings are not normal; ${model.distribution} is used (${model.why}). Pp and Ppk are ` +
      `by the ${nonNormalMethod} method: agree model and method with the customer.`,
  );
}

function tooFew({ n, needed }: WarningInput): Warning | null {
  if (n >= ENOUGH || n < 2) return null;
  const proof = needed === null ? '' : ` To prove 1.33, they must show ${needed.toFixed(2)}.`;
  return n < TOO_FEW
    ? warn('few', `${n} readings are far too few; 100 are usual.${proof}`)
    : warn('few', `${n} readings are fewer than the usual 100: look at the lower bounds.${proof}`);
}

/** A gauge step is as large as sigma when a normal sample shows so few different readings. */
function resolution({ n, distinct, sigma }: WarningInput): Warning | null {
  if (sigma === null || sigma === 0 || n < 25 || distinct >= 10) return null;
  return warn(
    'resolution',
    `Only ${distinct} different readings: the gauge is too coarse for this spread. Sigma and ` +
      'every index depend on the rounding.',
  );
}

function oneSided({ lsl, usl, natural }: WarningInput): Warning | null {
  if (lsl === null && usl === null) {
    return warn('no-limits', 'No specification limit is given: there are no indices.');
  }
  if (lsl !== null && usl !== null && natural === 'none') return null;
  const bound = natural === 'none' ? '' : ` The ${natural} limit is a natural bound.`;
  return warn(
    'one-sided',
    `One side has no limit: Cp and Pp are not defined, only Cpk and Ppk.${bound}`,
  );
}

function missing(input: WarningInput): Warning | null {
  if (input.missing === 0) return null;
  const one = input.missing === 1;
  return warn(
    'missing',
    `${input.missing} reading${one ? ' is' : 's are'} missing and left out; say why in the report.`,
  );
}
