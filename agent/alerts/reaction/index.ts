import type { AlertEvent, ReactionStatus, SinkHealth } from '../../model.ts';
import { InputError } from '../../runtime/errors.ts';
import { dispatcher } from '../dispatcher.ts';
import type { OutletOptions } from '../outlet.ts';
import type { PlcPlace } from './plc.ts';
import { createReaction, type Reaction, type ReactionContext } from './reaction.ts';
import type { ReactionSettings } from './settings.ts';

/** All reactions of the settings. Nothing here can add one, or change what one may write. */
export interface Reactions {
  offer(events: readonly AlertEvent[], seq: number): void;
  list(): ReactionStatus[];
  /** the second person's yes, or anybody's no; rejects with InputError when it cannot be */
  arm(name: string, by: string, on: boolean): ReactionStatus;
  health(): SinkHealth[];
  stop(): Promise<void>;
}

export interface ReactionsOptions extends Omit<OutletOptions, 'routes' | 'flood'> {
  settings: Readonly<Record<string, ReactionSettings>>;
  cursors: Readonly<Record<string, number>>;
  head: number;
  /** opens the one place that these settings name */
  open(settings: ReactionSettings): PlcPlace;
  report(name: string, event: Parameters<ReactionContext['report']>[0]): void;
  sleep: ReactionContext['sleep'];
}

/** Name under which cursors and pages know a reaction; no channel can have it. */
export const reactionName = (name: string): string => `reaction:${name}`;

/** Starts every reaction at its cursor. Those not enabled open no connection and write nothing. */
export function createReactions(o: ReactionsOptions): Reactions {
  const all = new Map<string, { settings: ReactionSettings; reaction: Reaction }>();
  for (const [name, settings] of Object.entries(o.settings)) {
    const reaction = createReaction(settings, {
      name,
      place: settings.enabled ? o.open(settings) : NOWHERE,
      clock: o.clock,
      log: o.log,
      report: (event) => o.report(reactionName(name), event),
      sleep: o.sleep,
    });
    all.set(name, { settings, reaction });
  }
  const enabled = [...all].filter(([, { settings }]) => settings.enabled);
  const run = dispatcher({
    ...o,
    channels: enabled.map(([name, { reaction }]) => ({
      name: reactionName(name),
      kind: 'reaction',
      channel: reaction,
    })),
    routes: enabled.map(([name, { settings }]) => ({
      ...routeOf(settings),
      channels: [reactionName(name)],
    })),
    shelving: false,
    standIns: {},
    standInAfterMs: 0,
    flood: { notices: 1000, windowMs: 60_000 },
  });
  return {
    offer: run.offer,
    list: () => [...all].map(([name, one]) => statusOf(name, one.settings, one.reaction)),
    arm(name, by, on) {
      const one = all.get(name);
      if (one === undefined) throw new InputError(`there is no reaction '${name}'`);
      if (on) one.reaction.arming.arm(by);
      else one.reaction.arming.disarm();
      const severity = on ? 'warning' : 'info';
      const text = `line stop '${name}' ${on ? 'armed' : 'disarmed'} by ${by}`;
      o.log.warn('reaction.arming', { reaction: name, armed: on, by });
      o.report(reactionName(name), { kind: 'note', severity, text, timeMs: o.clock.now(), by });
      return statusOf(name, one.settings, one.reaction);
    },
    health: () => run.health(),
    stop: run.stop,
  };
}

const NOWHERE: PlcPlace = {
  set: () => Promise.reject(new Error('not enabled')),
  isSet: () => Promise.reject(new Error('not enabled')),
  beat: () => Promise.resolve(),
  close() {},
};

function routeOf({ when }: ReactionSettings) {
  const { kinds, severities, classes } = when;
  const transitions: ('raised' | 'worsened')[] = ['raised', 'worsened'];
  return { kinds, severities, transitions, ...(classes === undefined ? {} : { classes }) };
}

function statusOf(name: string, settings: ReactionSettings, reaction: Reaction): ReactionStatus {
  const { arming } = reaction;
  return {
    name,
    action: settings.action,
    enabled: settings.enabled,
    armed: arming.armed(),
    armedBy: arming.by(),
    armedUntilMs: arming.untilMs(),
    approvedBy: settings.approvedBy ?? null,
    ...reaction.figures(),
  };
}
