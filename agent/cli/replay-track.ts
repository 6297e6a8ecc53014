import {
  type CyclesPlan,
  cycleOf,
  inputTags,
  planCycles,
  tagNumbers,
} from '../core/cycles/plan.ts';
import type { Settings } from '../settings/schema.ts';
import type { Lane } from './replay-feed.ts';
import type { Names, ReplayPlan } from './replay-rows.ts';

type Rows = Settings['characteristics'];

/** What a file is run through: the part of the settings that it has readings for. */
export interface Track {
  rows: Rows;
  cycles: CyclesPlan | null;
  numbers: ReadonlyMap<string, number>;
  lanes: Map<number, Lane>;
  notes: string[];
}

/** Columns are named after characteristics, or after tags as the sources bring them. */
export function namesOf(settings: Settings): Names {
  const numbers = numbersOf(settings);
  const rows = Object.entries(settings.characteristics);
  const known = new Map(rows.map(([id]) => [id, numbers.get(id) ?? -1]));
  for (const source of Object.keys(settings.sources)) {
    const { characteristics, cycles } = settings;
    for (const [tag, number] of tagNumbers(source, characteristics, cycles, numbers)) {
      if (!known.has(tag)) known.set(tag, number);
      // Two sources may have tags of one name.
      known.set(`${source}/${tag}`, number);
    }
  }
  const plain = rows.filter(([, row]) => row.feature === undefined);
  const [only] = rows.length === 1 ? plain : [];
  const ids = [...known.keys()];
  return { known, ids, only: only === undefined ? null : (numbers.get(only[0]) ?? null) };
}

/** A feature is taken as it stands in the file, or worked out when its signal and triggers are there. */
export function trackOf(settings: Settings, plan: ReplayPlan): Track {
  const { present } = plan;
  const numbers = numbersOf(settings);
  const has = (id: string) => present.has(numbers.get(id) ?? -1);
  const notes: string[] = [];
  const rows: Rows = {};
  for (const [id, row] of Object.entries(settings.characteristics)) {
    const { feature, ...asRead } = row;
    if (has(id)) rows[id] = asRead;
    else if (feature !== undefined && isWhole(id, settings, plan, notes)) rows[id] = row;
  }
  const cycles = planCycles(rows, settings.cycles, numbers);
  const lanes = new Map<number, Lane>();
  for (const [id, row] of Object.entries(rows)) {
    const number = numbers.get(id) ?? -1;
    lanes.set(number, { stream: `${row.source}/${id}`, input: false, curve: false });
  }
  for (const source of Object.keys(settings.sources)) {
    for (const number of tagNumbers(source, rows, settings.cycles, numbers).values()) {
      const feeds = cycles?.feeds.get(number) ?? [];
      const curve = feeds.some((to) => isCurve(cycles?.cycles[to.cycle]?.settings));
      const stream = `${source}/${curve ? 'curves' : 'looks'}`;
      if (feeds.length > 0) lanes.set(number, { stream, input: true, curve });
    }
  }
  return { rows, cycles, numbers, lanes, notes };
}

/** Are all tags there that a feature is worked out of? When only some are, a note says what is not. */
function isWhole(id: string, settings: Settings, plan: ReplayPlan, notes: string[]): boolean {
  const row = settings.characteristics[id];
  if (row === undefined) return false;
  const { characteristics, cycles } = settings;
  const cycle = cycles[cycleOf(row)];
  const numbers = numbersOf(settings);
  const wanted = inputTags({ [id]: row }, cycles);
  const missing = wanted.filter(({ source, tag }) => {
    const number = tagNumbers(source, characteristics, cycles, numbers).get(tag);
    return !plan.present.has(number ?? -1);
  });
  if (missing.length === wanted.length) return false;
  if (missing.length > 0) {
    const tags = missing.map(({ tag }) => `'${tag}'`).join(' and ');
    notes.push(`${id} is left out: it is a feature, and the file does not hold ${tags}`);
    return false;
  }
  if (isCurve(cycle) && !plan.numbered) {
    notes.push(`${id} is left out: no column numbers the curves — name it with --sequence`);
    return false;
  }
  return true;
}

const isCurve = (cycle: Settings['cycles'][string] | undefined) => cycle?.trigger.kind === 'array';

/** As an agent would give them: characteristics, groups, and tags that only cycles read. */
function numbersOf({ characteristics, groups, cycles }: Settings): Map<string, number> {
  const inputs = inputTags(characteristics, cycles).map(({ id }) => id);
  const ids = [...Object.keys(characteristics), ...Object.keys(groups), ...inputs];
  return new Map(ids.map((id, at) => [id, at]));
}
