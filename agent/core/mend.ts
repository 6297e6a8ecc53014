import type { BookState } from '../alerts/book.ts';
import type { Episode } from '../alerts/episodes.ts';
import { type Batch, decodeBatch } from '../batch.ts';
import type { Alert, AlertKind } from '../model.ts';
import type { Remains } from '../store/store.ts';
import { isOnPage } from './alert-pages.ts';
import type { CharacteristicPlan } from './characteristic-plan.ts';
import { startCharacteristic } from './characteristic-state.ts';
import { HEAD } from './memory.ts';
import type { Run } from './run.ts';
import type { Streams } from './streams.ts';

/**
 * Puts parts of the state whose saved rows are damaged together again, from what else the store
 * holds; call it behind a restore and before the journal behind the state is replayed. What was done
 * to each, in words for people. Parts that nobody needs any more are passed over.
 */
export function mend(r: Run, damaged: readonly string[], remains: Remains): string[] {
  const said: string[] = [];
  const streams = new Set<string>();
  for (const key of damaged) {
    if (key.startsWith('characteristic:'))
      said.push(...mendCharacteristic(r, key.slice(15), remains));
    else if (key.startsWith('stream:')) streams.add(key.slice(7));
    else if (key.startsWith('group:')) said.push(`${key}: parts not complete yet were given up`);
    else if (key.startsWith('cycle:')) said.push(`${key}: a cycle not over yet was given up`);
    else if (key === 'figures') said.push('the running totals began anew');
    else if (key === 'presence') mendPresence(r);
  }
  const pages = damaged.filter((key) => key.startsWith('alerts'));
  if (pages.length > 0) said.push(mendAlerts(r, pages, remains));
  if (streams.size > 0) said.push(...mendStreams(r.streams, streams, remains));
  return said;
}

/** As after new settings: limits, versions and counts go on, the memory of runs begins anew. */
function mendCharacteristic(r: Run, id: string, remains: Remains): string[] {
  const at = r.byId.get(id);
  const memory = at === undefined ? undefined : r.states[at];
  if (at === undefined || memory === undefined) return [];
  const plan = r.plan.characteristics[at] as CharacteristicPlan;
  const state = startCharacteristic(plan, memory);
  r.states[at] = state;
  r.dirty[at] = 1;
  state.points = remains.pointIndex(id);
  state.numbers[state.base + HEAD.readings] = remains.readings(id);
  const limits = remains.limits(id);
  if (limits === null) return [`${id}: its memory of runs, and what it had learned, began anew`];
  const asks = plan.limits.kind === 'baseline' && plan.limits.requireApproval;
  const phase = asks && limits.approvedBy === null ? 1 : 2;
  Object.assign(state, { limits, versions: limits.version, announced: 1, phase });
  return [
    `${id}: its limits are those of version ${limits.version}, its memory of runs began anew`,
  ];
}

function mendPresence(r: Run): void {
  for (const [at, { numbers, base }] of r.states.entries()) {
    r.lastMs[at] = numbers[base + HEAD.lastMs] as number;
  }
}

/** What is missing comes from the history of the alerts: as of the last time people were told. */
function mendAlerts(r: Run, pages: readonly string[], remains: Remains): string {
  const { open, lastId } = remains.alerts();
  const whole = pages.includes('alerts');
  const state: BookState = r.bookState;
  for (const alert of open) {
    if (whole || pages.some((key) => isOnPage(key, alert.id))) state.alerts[alert.id] ??= alert;
  }
  if (whole) {
    state.nextId = lastId + 1;
    state.episodes = episodesOf(Object.values(state.alerts));
  }
  // An episode without its alert would stop everything.
  for (const [subject, kinds] of Object.entries(state.episodes)) {
    for (const [kind, episode] of Object.entries(kinds)) {
      if (state.alerts[episode.id] === undefined) delete kinds[kind as AlertKind];
    }
    if (Object.keys(kinds).length === 0) delete state.episodes[subject];
  }
  state.remembered = Object.keys(state.alerts).length;
  for (const id of Object.keys(state.alerts)) r.told.add(Number(id));
  return `alerts: ${open.length} that are not closed were read from their history`;
}

function episodesOf(alerts: readonly Alert[]): BookState['episodes'] {
  const episodes: BookState['episodes'] = {};
  for (const { id, subject, kind, state, lastMs, count } of alerts) {
    if (state !== 'open' && state !== 'acknowledged') continue;
    const outstanding = kind === 'missed-parts' ? count : 0;
    const episode: Episode = { id, good: 0, pointMs: null, touchedMs: lastMs, outstanding };
    episodes[subject] = { ...episodes[subject], [kind]: episode };
  }
  return episodes;
}

/** What was heard of a stream stands in the journal: its counter and the newest of its numbers. */
function mendStreams(streams: Streams, lost: ReadonlySet<string>, remains: Remains): string[] {
  const heard = new Map<string, number>();
  for (const frame of remains.frames()) {
    if (frame.kind !== 'batch') continue;
    const batch = decodeBatch(frame.bytes.slice());
    for (let d = 0; d < batch.deliveries; d += 1) {
      const stream = batch.stream(d);
      if (!lost.has(stream)) continue;
      hear(streams, batch, d, stream);
      heard.set(stream, (heard.get(stream) ?? 0) + 1);
    }
  }
  return [...lost].map((stream) => {
    const n = heard.get(stream) ?? 0;
    if (n > 0) return `${stream}: what came of it was read from the journal again (${n} messages)`;
    return `${stream}: what came of it is not known any more, a repeat of it would count twice`;
  });
}

/** The same questions as when it was taken in. */
function hear(streams: Streams, batch: Batch, d: number, stream: string): void {
  const end = d + 1 < batch.deliveries ? (batch.first[d + 1] as number) : batch.readings;
  let last = Number.NaN;
  for (let i = batch.first[d] as number; i < end; i += 1) {
    const sequence = batch.sequence[i] as number;
    const first = i === batch.first[d];
    if (!first && (sequence === last || Number.isNaN(sequence))) continue;
    streams.decide(batch, d, stream, i);
    last = sequence;
  }
}
