import type { Feature } from '../../features/feature.ts';
import { features } from '../../features/index.ts';
import type { CharacteristicSettings } from '../characteristic-settings.ts';
import type { CycleSettings } from './settings.ts';

/** One feature and the lasting number of the characteristic that it is a reading of. */
interface Wanted {
  number: number;
  feature: Feature;
}

/** One kind of cycle: its trigger, and what is wanted of which signals in it. */
export interface CyclePlan {
  name: string;
  stream: string;
  settings: CycleSettings;
  /** by signal */
  signals: { wanted: Wanted[] }[];
  /** changes exactly when a cycle that is open would no longer fit */
  fingerprint: string;
}

/** What a reading of some tag is to a cycle. */
export type Feed =
  | { cycle: number; role: 'trigger' | 'end' }
  | { cycle: number; role: 'signal'; signal: number };

/** All cycles, and by number of the tag what its readings are to them. */
export interface CyclesPlan {
  cycles: CyclePlan[];
  feeds: ReadonlyMap<number, readonly Feed[]>;
}

type Rows = Readonly<Record<string, CharacteristicSettings>>;
type Cycles = Readonly<Record<string, CycleSettings>>;

/** A tag that is read for a cycle. */
export interface InputTag {
  /** where its lasting number stands: of no characteristic, whose names have no colon */
  id: string;
  source: string;
  tag: string;
}

/** Every tag that some cycle looks at, of cycles that somebody takes a feature of. */
export function inputTags(rows: Rows, cycles: Cycles = {}): InputTag[] {
  const found = new Map<string, InputTag>();
  const want = (source: string, tag: string) => {
    const id = `tag:${source}/${tag}`;
    found.set(id, { id, source, tag });
  };
  for (const row of Object.values(rows)) {
    const cycle = cycles[cycleOf(row)];
    if (cycle === undefined) continue;
    want(row.source, row.tag);
    for (const tag of triggerTags(cycle)) want(cycle.source, tag);
  }
  return [...found.values()];
}

/** Lasting numbers of the tags of a source: what it delivers goes to them. */
export function tagNumbers(
  source: string,
  rows: Rows,
  cycles: Cycles | undefined,
  numbers: ReadonlyMap<string, number>,
): Map<string, number> {
  const inputs = inputNumbers(rows, cycles, numbers);
  const read = Object.entries(rows).filter(([, row]) => row.feature === undefined);
  const own = [
    ...read.map(([id, row]) => ({ ...row, number: numbers.get(id) ?? -1 })),
    ...inputTags(rows, cycles).map((one) => ({ ...one, number: inputs.get(one.id) ?? -1 })),
  ];
  return new Map(own.flatMap((one) => (one.source === source ? [[one.tag, one.number]] : [])));
}

/** The lasting number of every such tag: that of the characteristic which reads it as well. */
function inputNumbers(
  rows: Rows,
  cycles: Cycles | undefined,
  numbers: ReadonlyMap<string, number>,
): Map<string, number> {
  const readers = new Map<string, string>();
  for (const [id, { source, tag, feature }] of Object.entries(rows)) {
    if (feature === undefined) readers.set(`tag:${source}/${tag}`, id);
  }
  return new Map(
    inputTags(rows, cycles).map(({ id }) => [id, numbers.get(readers.get(id) ?? id) ?? -1]),
  );
}

/** Plans of all cycles that some characteristic takes a feature of; null when there is none. */
export function planCycles(
  rows: Rows,
  cycles: Cycles | undefined,
  numbers: ReadonlyMap<string, number>,
): CyclesPlan | null {
  const inputs = inputNumbers(rows, cycles, numbers);
  const plans: CyclePlan[] = [];
  const feeds = new Map<number, Feed[]>();
  const feed = (source: string, tag: string, to: Feed) => {
    const number = inputs.get(`tag:${source}/${tag}`) ?? -1;
    feeds.set(number, [...(feeds.get(number) ?? []), to]);
  };
  for (const [name, settings] of Object.entries(cycles ?? {})) {
    const own = Object.entries(rows).filter(([, row]) => cycleOf(row) === name);
    if (own.length === 0) continue;
    const cycle = plans.length;
    const signals = new Map<string, Wanted[]>();
    for (const [id, row] of own) {
      if (row.feature === undefined) continue;
      const key = `${row.source}\n${row.tag}`;
      if (!signals.has(key)) {
        feed(row.source, row.tag, { cycle, role: 'signal', signal: signals.size });
        signals.set(key, []);
      }
      const made = { number: numbers.get(id) ?? -1, feature: features.create(row.feature, {}) };
      signals.get(key)?.push(made);
    }
    const [begin, end] = triggerTags(settings);
    if (begin !== undefined) feed(settings.source, begin, { cycle, role: 'trigger' });
    if (end !== undefined) feed(settings.source, end, { cycle, role: 'end' });
    const fingerprint = JSON.stringify([settings, own.map(([id, r]) => [id, r.tag, r.feature])]);
    const stream = `${settings.source}/cycle:${name}`;
    const list = [...signals.values()].map((wanted) => ({ wanted }));
    plans.push({ name, stream, settings, signals: list, fingerprint });
  }
  return plans.length === 0 ? null : { cycles: plans, feeds };
}

/** The cycle in which a feature is taken, '' for what is no feature. */
export const cycleOf = ({ feature }: Pick<CharacteristicSettings, 'feature'>): string =>
  String(feature?.['cycle'] ?? '');

function triggerTags({ trigger }: CycleSettings): string[] {
  if (trigger.kind === 'array') return [];
  return trigger.kind === 'between' ? [trigger.start, trigger.end] : [trigger.tag];
}
