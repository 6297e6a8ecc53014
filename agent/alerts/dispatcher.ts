import type { AlertEvent } from '../model.ts';
import type { NamedChannel } from './channels/index.ts';
import { type ChannelHealth, type OutletOptions, outlet } from './outlet.ts';
import { oneAtATime, standInGate } from './stand-in.ts';

/** Under which name a stand-in keeps its position. */
export const standInName = (from: string, to: string) => `${from}~${to}`;

export type { ChannelHealth } from './outlet.ts';

export interface DispatcherOptions extends OutletOptions {
  channels: readonly NamedChannel[];
  /** channel → the one that gets its alarms when it has failed for so long */
  standIns: Readonly<Record<string, string>>;
  standInAfterMs: number;
  /** last transaction each channel has delivered completely; channels without one are new */
  cursors: Readonly<Record<string, number>>;
  /** seq of the store at the start: a new channel tells nothing that is older */
  head?: number;
}

/** Tells people: every channel follows the alert events of the store at its own pace. */
export interface Dispatcher {
  /**
   * Events just committed by transaction `seq`, in order. Call it for every transaction that has
   * any, and now and then without: cursors of quiet channels then follow the store once a minute.
   */
  offer(events: readonly AlertEvent[], seq: number): void;
  /** events of inputs that the store cannot take now */
  offerUnrecorded(events: readonly AlertEvent[]): void;
  health(): ChannelHealth[];
  /** ends all sending, then closes the channels */
  stop(): Promise<void>;
}

/** Starts at once with what the store has and the channels have not. */
export function dispatcher(options: DispatcherOptions): Dispatcher {
  const head = options.head ?? 0;
  const channels = options.channels.map((named) => ({
    ...named,
    channel: oneAtATime(named.channel),
  }));
  const own = channels.map((named) => outlet(named, options.cursors[named.name], head, options));
  const standIns = Object.entries(options.standIns).flatMap(([from, to]) => {
    const first = own[channels.findIndex(({ name }) => name === from)];
    const named = channels.find(({ name }) => name === to);
    if (first === undefined || named === undefined) return [];
    const name = standInName(from, to);
    const gate = standInGate(first, options.standInAfterMs, options.clock);
    const more = { ...options, standsInFor: from, gate };
    return [outlet({ ...named, name }, options.cursors[name], head, more)];
  });
  const outlets = [...own, ...standIns];
  return {
    offer(events, seq) {
      for (const each of outlets) each.offer(events, seq);
    },
    offerUnrecorded(events) {
      for (const each of outlets) each.offerUnrecorded(events);
    },
    health: () => outlets.map((each) => each.health()),
    async stop() {
      await Promise.all(outlets.map((each) => each.stop()));
    },
  };
}
