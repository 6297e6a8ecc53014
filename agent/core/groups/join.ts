import { FIRST_BAD_QUALITY } from '../../model.ts';
import type { JoinPlan } from './plan.ts';

/** A part whose readings come one after the other. */
interface OpenRow {
  key: string;
  /** the values that came, by place in the group; null: it has not come, or was bad */
  values: (number | null)[];
  heard: boolean[];
  firstMs: number;
}

/** What a group remembers beside its charts: part of the committed state. */
export interface JoinState {
  /** oldest first */
  open: Map<string, OpenRow>;
  /** parts of which some reading never came; readings that do not say which part they are of */
  incomplete: number;
  unkeyed: number;
}

/** What one reading brings to a group. */
export interface Offer {
  member: number;
  value: number;
  quality: number;
  sourceMs: number;
  sequence: number;
  stream: string;
  context: Readonly<Record<string, string>>;
}

/** A complete row: its values, or null where one of its readings was bad. */
export type Joined = number[] | null;

export function startJoin(): JoinState {
  return { open: new Map(), incomplete: 0, unkeyed: 0 };
}

/** Beyond this the engine calls a reading bad as well. */
const LARGEST = 1e100;

/**
 * Puts a reading into the row of its part; the row, once every member was heard of, else undefined.
 * The same readings in the same order make the same rows; nothing but the readings decides.
 */
export function offer(plan: JoinPlan, state: JoinState, given: Offer): Joined | undefined {
  const key = keyOf(plan, given);
  if (key === null) {
    state.unkeyed += 1;
    return undefined;
  }
  const row = rowFor(plan, state, key, given);
  const bad =
    given.quality >= FIRST_BAD_QUALITY ||
    !(Math.abs(given.value) < LARGEST) ||
    !Number.isFinite(given.sourceMs);
  // A part measured again has its last reading; a bad one before it counts no more.
  row.heard[given.member] = true;
  row.values[given.member] = bad ? null : given.value + 0;
  if (row.heard.includes(false)) return undefined;
  state.open.delete(key);
  const values = row.values.filter((value) => value !== null);
  return values.length === row.values.length ? values : null;
}

/**
 * Counted streams name a part by its number; others by the source time, which all readings of one
 * record share. Members of different streams are joined by what the part carries: a context.
 */
function keyOf(plan: JoinPlan, given: Offer): string | null {
  const { by } = plan;
  const { sequence, sourceMs, context } = given;
  if (by !== 'sequence') {
    const value = context[by];
    return value === undefined || value === '' ? null : String(value);
  }
  const { stream: whole } = given;
  const stream = plan.across === true ? whole.slice(0, whole.indexOf('/')) : whole;
  return Number.isNaN(sequence) ? `${stream} @${sourceMs}` : `${stream} ${sequence}`;
}

function rowFor(plan: JoinPlan, state: JoinState, key: string, given: Offer): OpenRow {
  const known = state.open.get(key);
  if (known !== undefined) {
    // A number heard of twice, or long ago, is another part after the counter began anew.
    const again = plan.by === 'sequence' && known.heard[given.member] === true;
    const old = Math.abs(given.sourceMs - known.firstMs) > plan.maxGapMs;
    if (!again && !old) return known;
    state.open.delete(key);
    state.incomplete += 1;
  }
  while (state.open.size >= plan.openRows) dropOldest(state);
  const row: OpenRow = {
    key,
    values: plan.members.map(() => null),
    heard: plan.members.map(() => false),
    firstMs: Number.isFinite(given.sourceMs) ? given.sourceMs : 0,
  };
  state.open.set(key, row);
  return row;
}

function dropOldest(state: JoinState): void {
  for (const oldest of state.open.keys()) {
    state.open.delete(oldest);
    state.incomplete += 1;
    return;
  }
}

interface Saved {
  fingerprint: string;
  open: OpenRow[];
  incomplete: number;
  unkeyed: number;
}

/** Plain data of what is open and counted. */
export function savedJoin(plan: JoinPlan, state: JoinState): string {
  const { open, incomplete, unkeyed } = state;
  const saved: Saved = {
    fingerprint: plan.fingerprint,
    open: [...open.values()],
    incomplete,
    unkeyed,
  };
  return JSON.stringify(saved);
}

/** The same back. Under other settings open rows are given up and counted; counts go on. */
export function restoredJoin(plan: JoinPlan, json: string): JoinState {
  const { fingerprint, open, incomplete, unkeyed } = JSON.parse(json) as Saved;
  if (fingerprint !== plan.fingerprint) {
    return { open: new Map(), incomplete: incomplete + open.length, unkeyed };
  }
  return { open: new Map(open.map((row) => [row.key, row])), incomplete, unkeyed };
}

/** What was left out, in words; '' when that is nothing. */
export function sayLeftOut({ by }: JoinPlan, { incomplete, unkeyed }: JoinState): string {
  return [
    ...(incomplete === 0 ? [] : [`incomplete parts: ${incomplete}`]),
    ...(unkeyed === 0 ? [] : [`readings without ${by}: ${unkeyed}`]),
  ].join('; ');
}
