import { z } from 'zod';
import type { AlertEvent } from '../model.ts';

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
      .array(z.enum(['raised', 'worsened', 'acknowledged', 'cleared', 'closed']))
      .min(1)
      .optional()
      .describe('Only these steps in the life of an alert; without it people hear of all'),
    channels: z.array(z.string()).min(1).describe('Names of channels, as under alerts.channels'),
  })
  .describe('Sends the alerts that match to some channels; every route that matches counts');

export type Route = z.output<typeof routeSettings>;

/** True for the events that this channel gets. Without any route every channel gets everything. */
export function routeTo(channel: string, routes: readonly Route[]): (event: AlertEvent) => boolean {
  if (routes.length === 0) return () => true;
  const own = routes.filter((route) => route.channels.includes(channel));
  return (event) => own.some((route) => matches(route, event));
}

function matches(route: Route, event: AlertEvent): boolean {
  const { severity, class: ofClass, kind } = event.alert;
  return (
    (route.severities?.includes(severity) ?? true) &&
    (route.classes?.includes(ofClass) ?? true) &&
    (route.kinds?.includes(kind) ?? true) &&
    (route.transitions?.includes(event.transition) ?? true)
  );
}
