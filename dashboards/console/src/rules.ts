import { strings } from './strings.ts';
import type { Signal } from './types.ts';

export type Mark = 'square' | 'triangle';

/** Nelson's numbers for rules that the settings file writes out by kind. */
const NUMBERS: [pattern: RegExp, number: string][] = [
  [/^beyond/, '1'],
  [/same-side$/, '2'],
  [/trend$/, '3'],
  [/alternating$/, '4'],
  [/^2-of-3-/, '5'],
  [/^4-of-5-/, '6'],
  [/-within-/, '7'],
  [/-outside-/, '8'],
  [/^(?:nelson|aiag|we|shewhart|montgomery|juran|iso)-1$/, '1'],
  [/-(?:limits|1-3s|red)$/, '1'],
];

/** The short label of a mark: the number of the rule, else the first letter of its id. */
export function ruleLabel(id: string): string {
  const byKind = NUMBERS.find(([pattern]) => pattern.test(id))?.[1];
  return byKind ?? /-(\d)$/.exec(id)?.[1] ?? id.slice(0, 1).toUpperCase();
}

/** A point beyond a limit is a square, a run or drift is a triangle: never colour alone. */
export function markOf(ids: string[]): Mark {
  return ids.some((id) => ruleLabel(id) === '1') ? 'square' : 'triangle';
}

/** What a rule says, in words: as the agent said it in a signal, else from the named sets. */
export function ruleText(id: string, signals: Signal[] = []): string {
  const said = signals.find((signal) => signal.rule === id)?.text;
  if (said !== undefined && said !== '') return said;
  if (/^(beyond|shewhart)/.test(id)) return strings.beyond;
  const number = Number(/^(?:nelson|aiag|we)-(\d)$/.exec(id)?.[1]);
  const texts = id.startsWith('we-') ? strings.westernElectric : strings.rules;
  return texts[number] ?? id;
}
