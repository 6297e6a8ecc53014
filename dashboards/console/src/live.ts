import { get } from './api.ts';
import { pageNow } from './clock.ts';
import { strings } from './strings.ts';
import type { Alert, Change, Characteristic, Plant, Snapshot } from './types.ts';

/** A beat comes every 15 s; after this silence the line is taken for dead. */
const SILENCE_MS = 40_000;
const REOPEN_MS = 3_000;

export interface LiveState {
  connection: 'connecting' | 'live' | 'lost';
  plant: Plant | null;
  characteristics: Map<string, Characteristic>;
  /** alerts that are not closed, and those that closed while the page was open */
  alerts: Map<number, Alert>;
  /** grows when sources or sinks changed */
  sources: number;
  /** clock of the agent minus clock of this screen */
  skewMs: number;
  /** last thing said to screen readers */
  said: string;
}

let state: LiveState = {
  connection: 'connecting',
  plant: null,
  characteristics: new Map(),
  alerts: new Map(),
  sources: 0,
  skewMs: 0,
  said: '',
};
const listeners = new Set<() => void>();

export const liveState = (): LiveState => state;

/** Calls back on every change; returns the way off. */
export function onLive(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The one stream of the page. It opens itself again for ever. */
export function startLive(): void {
  let heardAt = pageNow();
  let source = open();

  function open(): EventSource {
    const stream = new EventSource('api/live');
    const on = (name: string, take: (data: unknown) => void) =>
      stream.addEventListener(name, (event) => {
        heardAt = pageNow();
        take(JSON.parse((event as MessageEvent<string>).data));
      });
    on('snapshot', (data) => takeSnapshot(data as Snapshot));
    on('change', (data) => takeChange(data as Change));
    on('tick', (data) => takeTime((data as { now: string }).now));
    stream.onerror = () => {
      set({ connection: 'lost' });
      // A stream that was ended for good may mean that the login has ended.
      if (stream.readyState === EventSource.CLOSED) get('plant').catch(() => {});
    };
    return stream;
  }

  setInterval(() => {
    const silent = pageNow() - heardAt > SILENCE_MS;
    if (!silent && source.readyState !== EventSource.CLOSED) return;
    set({ connection: 'lost' });
    source.close();
    heardAt = pageNow();
    source = open();
  }, REOPEN_MS);
}

/** An alert as the API gave it back after an answer; the stream brings it too, but later. */
export function takeAlert(alert: Alert): void {
  const alerts = new Map(state.alerts).set(alert.id, alert);
  set({ alerts });
}

function takeSnapshot(snapshot: Snapshot): void {
  set({
    connection: 'live',
    plant: snapshot.plant,
    characteristics: new Map(snapshot.characteristics.map((one) => [one.id, one])),
    alerts: new Map(snapshot.alerts.map((one) => [one.id, one])),
    sources: state.sources + 1,
    skewMs: Date.parse(snapshot.plant.now) - pageNow(),
  });
}

function takeChange(change: Change): void {
  let { said } = state;
  for (const alert of change.alerts) {
    said = announcement(state.alerts.get(alert.id), alert) ?? said;
  }
  const characteristics = merged(state.characteristics, change.characteristics);
  const alerts = merged(state.alerts, change.alerts);
  const sources = state.sources + (change.sources ? 1 : 0);
  set({ connection: 'live', characteristics, alerts, sources, said });
}

function takeTime(now: string): void {
  set({ connection: 'live', skewMs: Date.parse(now) - pageNow() });
}

/** The same map when nothing came, so that nothing draws again. */
function merged<K, T extends { id: K }>(map: Map<K, T>, changed: T[]): Map<K, T> {
  if (changed.length === 0) return map;
  return new Map([...map, ...changed.map((one) => [one.id, one] as const)]);
}

function announcement(before: Alert | undefined, after: Alert): string | null {
  const text = strings.alerts;
  if (before === undefined) return text.raisedSay(text.severity[after.severity], after.title);
  if (before.state === after.state) return null;
  return text.stateSay(after.title, text.states[after.state]);
}

function set(change: Partial<LiveState>): void {
  state = { ...state, ...change };
  for (const listener of listeners) listener();
}
