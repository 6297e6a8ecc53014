import { z } from 'zod';
import type { AlertEvent } from '../model.ts';
import { givenDuration, sayDuration } from '../runtime/duration.ts';
import { isShelved } from './episodes.ts';
import type { EscalationRule } from './escalation.ts';

const LEAST_ESCALATION_MS = 1000;

/** Which alerts go to which channels. A key that is left out matches everything. */
export const routeSettings = z
  .strictObject({
    severities: z
      .array(z.enum(['info', 'warning', 'alarm']))
      .min(1)
      .optional()
      .describe('Only alerts of these severities'),
    classes: z
      .array(z.enum(['CC', 'SC', 'none']))
      .min(1)
      .optional()
      .describe('Only characteristics of these classes'),
    kinds: z
      .array(z.enum(['out-of-control', 'out-of-tolerance', 'no-data', 'missed-parts', 'source']))
      .min(1)
      .optional()
      .describe('Only alerts of these kinds'),
    transitions: z
      .array(
        z.enum([
          ...(['raised', 'worsened', 'returned', 'escalated', 'acknowledged'] as const),
          ...(['shelved', 'unshelved', 'cleared', 'closed'] as const),
        ]),
      )
      .min(1)
      .optional()
      .describe('Only these steps in the life of an alert; without it people hear of all'),
    channels: z.array(z.string()).min(1).describe('Names of channels, as under alerts.channels'),
    escalateAfter: givenDuration()
      .refine((ms) => ms >= LEAST_ESCALATION_MS, { error: 'at least one second' })
      .optional()
      .describe('Time without an answer after which `escalateTo` is told'),
    escalateTo: z
      .array(z.string())
      .min(1)
      .optional()
      .describe('Channels that are told of alerts which nobody answers'),
    escalateLevels: z
      .int()
      .min(1)
      .max(20)
      .default(3)
      .describe('How often they are told at most, each time after `escalateAfter`'),
  })
  .refine((route) => (route.escalateAfter === undefined) === (route.escalateTo === undefined), {
    path: ['escalateTo'],
    error: 'escalateAfter and escalateTo belong together: give both or none',
  })
  .describe('Sends the alerts that match to some channels; every route that matches counts');

export type Route = z.output<typeof routeSettings>;

/** What decides whether a channel gets an event. */
export type Selector = Pick<Route, 'channels' | 'severities' | 'classes' | 'kinds' | 'transitions'>;

/** Who reads a channel, and whether what people put aside is kept from it. */
export interface Audience {
  /** programs read it: they are told of every step, also that an alert was put aside */
  programs: boolean;
  /** false: it acts on machines, and does so whatever people want to hear */
  shelving: boolean;
}

/**
 * True for the events that this channel gets. Without any route every channel gets everything, but
 * escalations go to the channels that they name, and of what is put aside people hear nothing.
 */
export function routeTo(
  channel: string,
  routes: readonly Selector[],
  { programs, shelving }: Audience = { programs: false, shelving: true },
): (event: AlertEvent) => boolean {
  const own = routes.filter((route) => route.channels.includes(channel));
  const routed = (event: AlertEvent, also: AlertEvent['transition'] | null) =>
    routes.length === 0 || own.some((route) => matches(route, event, also));
  return (event) => {
    const { transition, alert } = event;
    if (transition === 'escalated') return alert.escalatedTo?.includes(channel) ?? false;
    if (transition === 'returned' && !isShelved(alert)) return routed(event, 'raised');
    if (!shelving) return routed(event, transition === 'returned' ? 'raised' : null);
    if (isShelved(alert)) {
      const state = transition === 'shelved' || transition === 'closed';
      return programs && state && routed(event, null);
    }
    // What comes back is told to those who were told that it began.
    if (transition !== 'unshelved') return routed(event, null);
    return (programs || alert.state === 'open') && routed(event, 'raised');
  };
}

/** The part of the routes that the core needs, once for each rule. */
export function escalationsOf(routes: readonly Route[]): EscalationRule[] {
  return routes.flatMap((route) => {
    const { severities, classes, kinds, escalateAfter, escalateTo, escalateLevels } = route;
    if (escalateAfter === undefined || escalateTo === undefined) return [];
    return {
      ...{ severities, classes, kinds, afterMs: escalateAfter, levels: escalateLevels },
      to: escalateTo,
      // Not its place in the file: a route that is put before it makes nothing anew.
      rule: `${sayDuration(escalateAfter)} ${[...escalateTo].sort().join(', ')}`,
    };
  });
}

function matches(
  route: Selector,
  event: AlertEvent,
  also: AlertEvent['transition'] | null,
): boolean {
  const { severity, class: ofClass, kind } = event.alert;
  const { transitions } = route;
  return (
    (route.severities?.includes(severity) ?? true) &&
    (route.classes?.includes(ofClass) ?? true) &&
    (route.kinds?.includes(kind) ?? true) &&
    (transitions === undefined ||
      transitions.includes(event.transition) ||
      (also !== null && transitions.includes(also)))
  );
}
