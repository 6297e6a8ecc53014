import type { CharacteristicSummary, SummaryChange } from '../model.ts';
import { restoredBook, savedBook } from './alert-pages.ts';
import { carryOver } from './carry.ts';
import {
  type CharacteristicPlan,
  type CharacteristicState,
  changingPart,
  settledPart,
} from './characteristic.ts';
import { type CycleState, restoredCycle, savedCycle } from './cycles/state.ts';
import { type JoinState, restoredJoin, savedJoin, sayLeftOut } from './groups/join.ts';
import type { Run } from './run.ts';
import { fits, restoredState, type SavedState, savedState } from './saved.ts';

/** Changed parts of the state (all: every part) as key and JSON. */
export function* snapshot(r: Run, all: boolean): Iterable<readonly [string, string]> {
  for (let at = 0; at < r.states.length; at += 1) {
    if (!all && r.dirty[at] === 0) continue;
    r.dirty[at] = 0;
    const plan = r.plan.characteristics[at] as CharacteristicPlan;
    const state = savedState(plan, r.states[at] as CharacteristicState);
    const entry = { fingerprint: plan.fingerprint, state };
    yield [`characteristic:${plan.id}`, JSON.stringify(entry)] as const;
  }
  yield* groupEntries(r, all);
  yield* cycleEntries(r, all);
  yield* r.streams.snapshot(all);
  yield* savedBook(r.bookState, r.told, all);
  r.told.clear();
  yield ['presence', JSON.stringify(presence(r))] as const;
  yield ['figures', JSON.stringify(r.figures)] as const;
}

/** Puts a snapshot back; parts of characteristics that are gone are left out. */
export function restore(r: Run, entries: ReadonlyMap<string, string>): void {
  r.bookState = restoredBook(entries) ?? r.bookState;
  for (const [key, json] of entries) {
    if (key.startsWith('characteristic:')) restoreCharacteristic(r, key.slice(15), json);
    else if (key.startsWith('group:')) restoreGroup(r, key.slice(6), json);
    else if (key.startsWith('cycle:')) restoreCycle(r, key.slice(6), json);
    else if (key.startsWith('stream:')) r.streams.restore(key.slice(7), json);
    else if (key === 'presence') restorePresence(r, JSON.parse(json) as Presence);
    else if (key === 'figures') Object.assign(r.figures, JSON.parse(json));
  }
}

function* groupEntries({ groups, plan }: Run, all: boolean) {
  for (const [i, join] of (groups?.plans ?? []).entries()) {
    if (groups === null || (!all && groups.dirty[i] === 0)) continue;
    groups.dirty[i] = 0;
    const id = plan.characteristics[join.at]?.id;
    yield [`group:${id}`, savedJoin(join, groups.states[i] as JoinState)] as const;
  }
}

function* cycleEntries({ cycles }: Run, all: boolean) {
  for (const [i, plan] of (cycles?.plan.cycles ?? []).entries()) {
    if (cycles === null || (!all && cycles.dirty[i] === 0)) continue;
    cycles.dirty[i] = 0;
    yield [`cycle:${plan.name}`, savedCycle(plan, cycles.states[i] as CycleState)] as const;
  }
}

function restoreCycle({ cycles }: Run, name: string, json: string): void {
  for (const [i, plan] of (cycles?.plan.cycles ?? []).entries()) {
    if (cycles !== null && plan.name === name) cycles.states[i] = restoredCycle(plan, json);
  }
}

function restoreGroup({ groups, byId }: Run, id: string, json: string): void {
  const at = byId.get(id);
  for (const [i, join] of (groups?.plans ?? []).entries()) {
    if (groups !== null && join.at === at) groups.states[i] = restoredJoin(join, json);
  }
}

function restoreCharacteristic(r: Run, id: string, json: string): void {
  const at = r.byId.get(id);
  if (at === undefined) return;
  const plan = r.plan.characteristics[at] as CharacteristicPlan;
  const { fingerprint, state } = JSON.parse(json) as { fingerprint: string; state: SavedState };
  const same = fingerprint === plan.fingerprint && fits(plan, state);
  const memory = r.states[at] as CharacteristicState;
  r.states[at] = same
    ? restoredState(plan, state, memory)
    : carryOver(plan, state, fingerprint, memory);
  // Saved with the next snapshot: nothing of it stands in the journal.
  if (!same) r.dirty[at] = 1;
}

/** What the page shows of every characteristic. */
export function summaries(r: Run, nowMs: number): CharacteristicSummary[] {
  r.unseen.fill(1);
  return changes(r, nowMs).map((change, at) => ({
    ...settledPart(r.plan.characteristics[at] as CharacteristicPlan),
    ...change,
  }));
}

/** What changed since the last call, of every characteristic that did. */
export function changes(r: Run, nowMs: number): SummaryChange[] {
  const list: SummaryChange[] = [];
  for (let at = 0; at < r.states.length; at += 1) {
    if (r.unseen[at] === 0) continue;
    r.unseen[at] = 0;
    const plan = r.plan.characteristics[at] as CharacteristicPlan;
    const state = r.states[at] as CharacteristicState;
    const openAlerts = r.plan.book.openCount(r.bookState, plan.id);
    const holding = r.plan.book.worstOpen(r.bookState, plan.id);
    list.push({ ...changingPart(plan, state, nowMs, holding), openAlerts });
  }
  completeGroups(r, list);
  return list;
}

/** A group says which parts it could not join; it has no value while it learns, and no tolerance. */
function completeGroups({ groups, plan, states }: Run, list: SummaryChange[]): void {
  for (const [i, join] of (groups?.plans ?? []).entries()) {
    const one = list.find((summary) => summary.id === plan.characteristics[join.at]?.id);
    if (one === undefined) continue;
    const said = sayLeftOut(join, groups?.states[i] as JoinState);
    one.forecast = [one.forecast, said].filter(Boolean).join('; ') || null;
    if (states[join.at]?.linesFor === 0) one.lastValue = null;
    one.capability.reason = 'a group has no tolerance: its characteristics have';
  }
}

interface Presence {
  startedMs: number;
  lastMs: Record<string, number>;
  silent: string[];
}

function presence(r: Run): Presence {
  const lastMs: Record<string, number> = {};
  const silent: string[] = [];
  r.plan.characteristics.forEach((c, at) => {
    lastMs[c.id] = r.lastMs[at] as number;
    if (r.silent[at] === 1) silent.push(c.id);
  });
  return { startedMs: r.startedMs, lastMs, silent };
}

function restorePresence(r: Run, saved: Presence): void {
  r.startedMs = saved.startedMs;
  r.plan.characteristics.forEach((c, at) => {
    r.lastMs[at] = saved.lastMs[c.id] ?? 0;
    r.silent[at] = saved.silent.includes(c.id) ? 1 : 0;
  });
}
