/** Do people judge alike, and right? Attribute agreement with kappa (AIAG MSA, 4th edition). */
import { cohenKappa, fleissKappa } from '../../spc/agreement.ts';
import { attributeStudy } from '../../spc/attribute-study.ts';
import type { Column, Table } from '../tables/table.ts';
import { type Columns, cube, levels, needed } from './columns.ts';
import type { MsaResult, MsaVerdict, MsaWish } from './result.ts';

const GOOD_WORDS =
  /^(good|g|ok|o\.k\.|pass|passed|go|accept|accepted|conforming|yes|i\.?o\.?|gut|1|true)$/i;
/** More different whole numbers are measurements, not codes of a rating. */
const MOST_CODES = 6;

const BANDS = {
  effectiveness: [0.9, 0.8],
  miss: [0.02, 0.05],
  falseAlarm: [0.05, 0.1],
  kappa: [0.75, 0.4],
} as const;

interface Appraiser {
  name: string;
  /** share of units judged alike in all trials, and judged right in all trials */
  within: number;
  effectiveness: number | null;
  missRate: number | null;
  falseAlarmRate: number | null;
  /** against the reference */
  kappa: number | null;
  verdict: MsaVerdict;
}

/** The study of part, operator, rating and, when known, the right rating. */
export function attribute(table: Table, columns: Columns, wish: MsaWish): MsaResult {
  const part = needed(table, columns, 'part', 'attribute agreement');
  const operator = needed(table, columns, 'operator', 'attribute agreement');
  const value = needed(table, columns, 'value', 'attribute agreement');
  const { outer, inner, cells } = cube(table, part, operator, (row) => value.text(row));
  const truth = columns.reference === null ? null : truthOf(table, part, columns.reference);
  const reference = truth === null ? null : outer.map((unit) => truth.get(unit) ?? '');
  const categories = [...new Set([...cells.flat(2), ...(reference ?? [])])].sort();
  const good = categories.find((word) => GOOD_WORDS.test(word)) ?? categories[0] ?? '';
  const bad = categories.find((word) => word !== good) ?? '';
  const study = attributeStudy(cells, reference ?? outer.map(() => ''), good, bad, wish.confidence);
  const counts = cells.map((unit) =>
    categories.map((word) => unit.flat().filter((one) => one === word).length),
  );
  const fleiss = fleissKappa(counts);
  const binary = categories.length === 2;
  const appraisers = inner.map((name, a): Appraiser => {
    const ratings = cells.map((unit) => unit[a] ?? []);
    const one = {
      name,
      within: share(study.withinAppraiser[a]),
      effectiveness: reference === null ? null : share(study.vsReference[a]),
      missRate: reference === null || !binary ? null : (study.missRate[a] ?? null),
      falseAlarmRate: reference === null || !binary ? null : (study.falseAlarmRate[a] ?? null),
      kappa: reference === null ? null : againstTruth(ratings, reference, categories),
    };
    return { ...one, verdict: judge(one) };
  });
  return {
    type: 'attribute',
    size: {
      parts: outer.length,
      operators: inner.length,
      trials: cells[0]?.[0]?.length ?? 0,
      readings: table.rows,
    },
    tolerance: null,
    verdict: reference === null ? ofKappa(fleiss?.kappa ?? null) : worst(appraisers),
    reasons: reasonsOf(appraisers, fleiss?.kappa ?? null, reference !== null),
    figures: {
      ...{ categories, good, appraisers, fleiss },
      betweenAppraisers: study.betweenAppraisers,
      allVsReference: reference === null ? null : study.allVsReference,
    },
    notes: [
      ...(reference === null ? ['No column holds the right answer: agreement only.'] : []),
      ...(outer.length < 30 ? [`${outer.length} parts; 50 are usual.`] : []),
      ...(binary && reference !== null ? [`'${good}' is taken as good, '${bad}' as bad.`] : []),
    ],
  };
}

function truthOf(table: Table, part: Column, reference: Column): Map<string, string> {
  const truth = new Map<string, string>();
  for (let row = 0; row < table.rows; row += 1) truth.set(part.text(row), reference.text(row));
  return truth;
}

/** How many different ratings there are: two make pass and fail, whatever they are called. */
export function isAttribute(table: Table, value: Column): boolean {
  const seen = levels(table, value);
  if (value.words > 0) {
    // A slip of the pen among measurements is to be named, not to be rated.
    const present = table.rows - value.missing;
    const codes = seen.length <= MOST_CODES && value.numbers.every((x) => !(x % 1));
    return codes || 2 * value.words >= present;
  }
  return seen.length === 2 && seen.every((word) => word === '0' || word === '1');
}

function againstTruth(ratings: string[][], truth: string[], categories: string[]): number | null {
  const counts = categories.map(() => categories.map(() => 0));
  ratings.forEach((trials, unit) => {
    const column = categories.indexOf(truth[unit] ?? '');
    for (const word of trials) {
      const row = counts[categories.indexOf(word)];
      if (row !== undefined) row[column] = (row[column] ?? 0) + 1;
    }
  });
  return cohenKappa(counts)?.kappa ?? null;
}

function share(of: { matched: number; inspected: number } | undefined): number {
  return of === undefined || of.inspected === 0 ? 0 : of.matched / of.inspected;
}

type Judgeable = Pick<Appraiser, 'effectiveness' | 'missRate' | 'falseAlarmRate' | 'kappa'>;

function judge({ effectiveness, missRate, falseAlarmRate, kappa }: Judgeable): MsaVerdict {
  const all = [
    atLeast(effectiveness, BANDS.effectiveness),
    atMost(missRate, BANDS.miss),
    atMost(falseAlarmRate, BANDS.falseAlarm),
    atLeast(kappa, BANDS.kappa),
  ];
  return all.reduce((a, b) => (RANK.indexOf(b) > RANK.indexOf(a) ? b : a), 'no verdict');
}

const RANK: MsaVerdict[] = ['no verdict', 'acceptable', 'conditional', 'not acceptable'];

function atLeast(value: number | null, [good, fair]: readonly [number, number]): MsaVerdict {
  if (value === null) return 'no verdict';
  return value >= good ? 'acceptable' : value >= fair ? 'conditional' : 'not acceptable';
}

function atMost(value: number | null, [good, fair]: readonly [number, number]): MsaVerdict {
  if (value === null) return 'no verdict';
  return value <= good ? 'acceptable' : value <= fair ? 'conditional' : 'not acceptable';
}

const ofKappa = (kappa: number | null) => atLeast(kappa, BANDS.kappa);

function worst(appraisers: Appraiser[]): MsaVerdict {
  return appraisers
    .map((one) => one.verdict)
    .reduce((a, b) => (RANK.indexOf(b) > RANK.indexOf(a) ? b : a), 'no verdict');
}

function reasonsOf(appraisers: Appraiser[], fleiss: number | null, known: boolean): string[] {
  const percent = (x: number | null) => (x === null ? '–' : `${(100 * x).toFixed(1)} %`);
  const each = appraisers.map(
    (a) =>
      `${a.name}: right ${percent(a.effectiveness)}, misses ${percent(a.missRate)}, false alarms ` +
      `${percent(a.falseAlarmRate)}, kappa ${a.kappa?.toFixed(2) ?? '–'}: ${a.verdict}.`,
  );
  const together =
    fleiss === null
      ? 'Agreement of all cannot be computed: everything was judged the same.'
      : `All together agree with a kappa of ${fleiss.toFixed(2)} (Fleiss; above 0.75 is good).`;
  return known ? [together, ...each] : [together];
}
