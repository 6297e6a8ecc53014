import { z } from 'zod';
import { duration } from '../runtime/duration.ts';
import { channels } from './channels/index.ts';
import type { EscalationRule } from './escalation.ts';
import type { FloodOptions } from './flood.ts';
import { heartbeatSettings } from './heartbeat.ts';
import { reactionsSettings } from './reaction/settings.ts';
import { escalationsOf, type Route, routeSettings } from './routes.ts';

/** What decides when an alert clears and how many are kept; `policyOf` takes it from settings. */
export interface AlertPolicy {
  /** subgroups in a row without a signal that end an out-of-control episode */
  clearAfterPoints: number;
  /** readings in a row inside the tolerance that end an out-of-tolerance episode */
  clearAfterReadings: number;
  /** time without a new missed part or source fault that ends such an episode */
  missedQuietMs: number;
  /** alerts that are not closed yet and kept in the state; the oldest cleared one makes room */
  maxRemembered: number;
  /**
   * a condition that comes back to an unanswered alert this soon after its end opens it again;
   * absent in settings that an older program kept: then every time is a new alert
   */
  returnsWithinMs?: number;
  /** who else is told while nobody answers; absent in settings that an older program kept */
  escalations?: readonly EscalationRule[];
  /** longest time for which an alert can be put aside */
  maxShelvedMs?: number;
}

const MAX_REMEMBERED = 10_000;

const floodSettings = z
  .strictObject({
    notices: z
      .int()
      .min(1)
      .max(1000)
      .default(10)
      .describe('Messages per channel and window before warnings are put into one digest'),
    window: duration('10m').describe('Length of the window'),
  })
  .describe('Against a storm of messages; first alarms always go out at once');

/** When alerts clear, how people are told, and who is told what. */
export const alertSettings = z
  .strictObject({
    clearAfterPoints: z
      .int()
      .min(1)
      .max(100)
      .default(3)
      .describe('Points in control, one after another, that end an out-of-control alert'),
    clearAfterReadings: z
      .int()
      .min(1)
      .max(10_000)
      .default(5)
      .describe('Readings in tolerance, one after another, that end an out-of-tolerance alert'),
    returnsWithin: duration('8h').describe(
      'An alert out of control or tolerance that comes back so soon, unanswered, opens again instead of anew',
    ),
    missedQuiet: duration('10m').describe(
      'Time without another missed part or source fault that ends such an alert',
    ),
    staleAfter: duration('30m').describe('Messages later than this say so in their title'),
    flood: floodSettings.prefault({}),
    channels: z
      .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/), channels.schema)
      .default({})
      .describe('Ways to tell people, by name'),
    heartbeat: heartbeatSettings.optional(),
    shelveMost: duration('8h').describe('Longest time for which a person can put an alert aside'),
    reactions: reactionsSettings,
    standIns: z
      .record(z.string(), z.string())
      .default({})
      .describe('Channel → channel that gets its alarms while it cannot be reached'),
    standInAfter: duration('30s').describe('How long a channel may fail before that'),
    routes: z
      .array(routeSettings)
      .max(100)
      .default([])
      .describe('Which alerts go where; without any route every channel gets everything'),
  })
  .describe('Alerts: when they end and who hears of them');

export type AlertSettings = z.output<typeof alertSettings>;

/** The part of the settings that the core needs, with units in the names. */
export function policyOf(settings: AlertSettings): AlertPolicy {
  return {
    clearAfterPoints: settings.clearAfterPoints,
    clearAfterReadings: settings.clearAfterReadings,
    missedQuietMs: settings.missedQuiet,
    maxRemembered: MAX_REMEMBERED,
    escalations: escalationsOf(settings.routes),
    returnsWithinMs: settings.returnsWithin,
    maxShelvedMs: settings.shelveMost,
  };
}

/** How alerts are told: the part of the settings that the dispatcher needs. */
export interface DeliveryPolicy {
  routes: readonly Route[];
  flood: FloodOptions;
  /** a notice later than this says so in its title */
  staleAfterMs: number;
  /** channel → the one that gets its alarms when it has failed for `standInAfterMs` */
  standIns: Readonly<Record<string, string>>;
  standInAfterMs: number;
}

/** The delivery part of the settings, with units in the names. */
export function deliveryOf(settings: AlertSettings): DeliveryPolicy {
  const { notices, window } = settings.flood;
  return {
    routes: settings.routes,
    flood: { notices, windowMs: window },
    staleAfterMs: settings.staleAfter,
    standIns: settings.standIns,
    standInAfterMs: settings.standInAfter,
  };
}
