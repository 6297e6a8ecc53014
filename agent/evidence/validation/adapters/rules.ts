import { completing, liveRules } from '../live-rules.ts';
import { type Adapter, type Input, need, option } from './common.ts';

/** One rule as a test of a window that ends at the point in question. */
interface WindowRule {
  /** longest window; shorter ones count only for m-of-n rules at the start of a segment */
  length: number;
  /** positions inside the window that make up the pattern, or null when there is none */
  members(window: Seen[]): number[] | null;
  shortWindows: boolean;
}

/** A point as its rules see it. */
interface Seen {
  index: number;
  value: number;
  /** standardised distance from the centre */
  z: number;
  /** outside a control limit */
  beyond: boolean;
}

const everyone = (window: Seen[]) => window.map((_, i) => i);

function run(length: number): WindowRule {
  const holds = (w: Seen[]) => w.every((p) => p.z > 0) || w.every((p) => p.z < 0);
  return { length, shortWindows: false, members: (w) => (holds(w) ? everyone(w) : null) };
}

function trend(length: number): WindowRule {
  const steps = (w: Seen[]) => w.slice(1).map((p, i) => p.value - (w[i] as Seen).value);
  const holds = (w: Seen[]) => steps(w).every((d) => d > 0) || steps(w).every((d) => d < 0);
  return { length, shortWindows: false, members: (w) => (holds(w) ? everyone(w) : null) };
}

function kOfM(k: number, m: number, sigmas: number): WindowRule {
  const side = (w: Seen[], sign: number) => {
    const found = w.flatMap((p, i) => (sign * p.z > sigmas ? [i] : []));
    return found.length >= k && found.includes(w.length - 1) ? found : null;
  };
  return { length: m, shortWindows: true, members: (w) => side(w, 1) ?? side(w, -1) };
}

function every(length: number, holds: (w: Seen[]) => boolean): WindowRule {
  return { length, shortWindows: false, members: (w) => (holds(w) ? everyone(w) : null) };
}

const alternating = (w: Seen[]) => {
  const steps = w.slice(1).map((p, i) => p.value - (w[i] as Seen).value);
  return steps.every((d, i) => d !== 0 && (i === 0 || d * (steps[i - 1] as number) < 0));
};
const outside = (w: Seen[]) => w.every((p) => Math.abs(p.z) > 1);

/** The rules of golden/README.md, one line each, as plainly as they can be written. */
export const windowRules: Record<string, WindowRule> = {
  'beyond-limits': every(1, (w) => (w[0] as Seen).beyond),
  '2of3-beyond-2sigma': kOfM(2, 3, 2),
  '4of5-beyond-1sigma': kOfM(4, 5, 1),
  '7-same-side': run(7),
  '8-same-side': run(8),
  '9-same-side': run(9),
  '6-trend': trend(6),
  '7-trend': trend(7),
  '14-alternating': every(14, alternating),
  '15-within-1sigma': every(15, (w) => w.every((p) => Math.abs(p.z) <= 1)),
  '8-outside-1sigma': every(8, outside),
  '8-outside-1sigma-both-sides': every(
    8,
    (w) => outside(w) && w.some((p) => p.z > 0) && w.some((p) => p.z < 0),
  ),
};

const at = (x: number | number[], i: number) => (Array.isArray(x) ? (x[i] as number) : x);

/** Points cut into stretches the rules may not look across. */
export function segments(input: Input): Seen[][] {
  const points = need<(number | null)[]>(input, 'points');
  const center = need<number | number[]>(input, 'center');
  const sigma = need<number | number[]>(input, 'sigma');
  const lcl = option<number | number[] | null>(input, 'lcl', null);
  const ucl = option<number | number[] | null>(input, 'ucl', null);
  const starts = new Set(option<number[]>(input, 'stageStarts', []));
  const skips = option<'break' | 'skip'>(input, 'nullPolicy', 'break') === 'skip';
  const cut: Seen[][] = [[]];
  points.forEach((value, index) => {
    if (starts.has(index) || (value === null && !skips)) cut.push([]);
    if (value === null) return;
    const middle = at(center, index);
    const unit = at(sigma, index);
    const high = ucl === null ? middle + 3 * unit : at(ucl, index);
    const low = lcl === null ? middle - 3 * unit : at(lcl, index);
    const z = (value - middle) / unit;
    cut.at(-1)?.push({ index, value, z, beyond: value > high || value < low });
  });
  return cut;
}

/**
 * `completing` is what the agent's own engine fires; members, onsets and full windows, which it
 * does not report, are worked out from plain windows.
 */
export const rules: Adapter = (input) => {
  const stretches = segments(input);
  const fired = liveRules(input);
  return Object.fromEntries(
    Object.entries(windowRules).map(([key, rule]) => {
      return [key, { ...apply(rule, stretches), completing: completing(fired, key) }];
    }),
  );
};

function apply(rule: WindowRule, stretches: Seen[][]): Record<string, number[]> {
  const completingFullWindow: number[] = [];
  const onsets: number[] = [];
  const members = new Set<number>();
  for (const stretch of stretches) {
    let before = false;
    stretch.forEach((point, i) => {
      const window = stretch.slice(Math.max(0, i - rule.length + 1), i + 1);
      const full = window.length === rule.length;
      const found = full || rule.shortWindows ? rule.members(window) : null;
      for (const place of found ?? []) members.add((window[place] as Seen).index);
      if (found !== null && full) completingFullWindow.push(point.index);
      if (found !== null && !before) onsets.push(point.index);
      before = found !== null;
    });
  }
  return { members: [...members].sort((a, b) => a - b), onsets, completingFullWindow };
}
