/** Studies that are not of one measured value: position in two coordinates, and counts. */
import { countedPage } from '../evidence/html/counted-page.ts';
import type { About } from '../evidence/html/page.ts';
import { positionPage } from '../evidence/html/position-page.ts';
import { countedStudy } from '../evidence/study/counted.ts';
import { countedText } from '../evidence/study/counted-words.ts';
import { positionStudy } from '../evidence/study/position.ts';
import { positionText } from '../evidence/study/position-words.ts';
import type { Table } from '../evidence/tables/table.ts';
import { InputError } from '../runtime/errors.ts';
import type { Values } from './command.ts';
import { numberOption, textOption } from './options.ts';

/** What was found, in each form in which it can be shown. */
export interface KindResult {
  json: object;
  text: string;
  page(about: About): string;
}

/** What every kind of study is told on the command line. */
export interface Common {
  confidence: number;
  rules: string;
}

export const KIND_OPTIONS = {
  position: { type: 'string' },
  tolerance: { type: 'string' },
  mmc: { type: 'string' },
  defects: { type: 'string' },
  nonconforming: { type: 'string' },
  size: { type: 'string' },
} as const;

export const KIND_HELP = [
  'position in two coordinates, one row per part:',
  '--position X,Y --tolerance D [--mmc NAME] [--nominal X,Y]',
  '                    columns of the coordinates, diameter of the zone, column of the bonus of',
  '                    each part (departure from maximum material); true position, 0,0 when the',
  '                    columns hold deviations',
  'counts, one row per sample:',
  '--defects NAME --size N|NAME        defects in N units, or as many as the column says',
  '--nonconforming NAME --size N|NAME  nonconforming units among N inspected',
];

const KINDS = ['position', 'defects', 'nonconforming'] as const;
/** Options of a kind that say nothing without it. */
const BELONGS: Record<string, readonly string[]> = {
  tolerance: ['position'],
  mmc: ['position'],
  size: ['defects', 'nonconforming'],
};
/** Options of a study of one measured value. */
const MEASURED = [
  ...['lsl', 'usl', 'target', 'natural', 'subgroup', 'value', 'estimator', 'hint', 'by'],
  ...['machine', 'prior', 'dialects'],
];

/** How to compute the kind that was asked for; null for a study of a measured value. */
export function kindOf(values: Values): ((table: Table, common: Common) => KindResult) | null {
  const asked = KINDS.filter((kind) => values[kind] !== undefined);
  const [kind] = asked;
  if (asked.length > 1) throw new InputError(`--${asked.join(' and --')}: one of them at a time`);
  for (const [option, kinds] of Object.entries(BELONGS)) {
    if (values[option] === undefined || kinds.some((one) => one === kind)) continue;
    throw new InputError(`--${option} goes with --${kinds.join(' or --')}`);
  }
  if (kind === undefined) return null;
  const foreign = MEASURED.filter((option) => values[option] !== undefined);
  if (kind !== 'position' && values['nominal'] !== undefined) foreign.push('nominal');
  if (foreign.length > 0) throw new InputError(`--${foreign[0]} says nothing with --${kind}`);
  return kind === 'position' ? positionOf(values) : countedOf(values, kind);
}

function positionOf(values: Values) {
  const asked = textOption(values, 'position') ?? '';
  const [x = '', y = '', ...rest] = asked.split(',');
  if (x.trim() === '' || y.trim() === '' || rest.length > 0) {
    throw new InputError(`--position ${asked}: two columns are needed, e.g. --position dx,dy`);
  }
  const diameter = numberOption(values, 'tolerance');
  if (diameter === null || !(diameter > 0)) {
    throw new InputError('--position needs --tolerance D, the diameter of the zone, above 0');
  }
  const nominal = nominalOf(textOption(values, 'nominal'));
  return (table: Table, { confidence, rules }: Common): KindResult => {
    const mmc = textOption(values, 'mmc');
    const detail = positionStudy(table, { x, y, mmc, nominal, diameter, confidence, rules });
    return {
      json: detail.study,
      text: positionText(detail.study),
      page: (about) => positionPage(detail, about),
    };
  };
}

function nominalOf(text: string | undefined): [number, number] {
  if (text === undefined) return [0, 0];
  const parts = text.split(',');
  const [x = Number.NaN, y = Number.NaN] = parts.map((part) => (part.trim() ? Number(part) : NaN));
  if (parts.length === 2 && Number.isFinite(x) && Number.isFinite(y)) return [x, y];
  throw new InputError(`--nominal ${text}: with --position two numbers are needed, e.g. 20,35.5`);
}

function countedOf(values: Values, kind: 'defects' | 'nonconforming') {
  const counts = textOption(values, kind) ?? '';
  const size = textOption(values, 'size');
  if (size === undefined) {
    throw new InputError(`--${kind} needs --size: units per row, or the column that holds them`);
  }
  return (table: Table, { confidence }: Common): KindResult => {
    const what = kind === 'defects' ? 'defects-per-unit' : 'proportion';
    const detail = countedStudy(table, { kind: what, counts, size, confidence });
    return {
      json: detail.study,
      text: countedText(detail.study),
      page: (about) => countedPage(detail, about),
    };
  };
}
