import { z } from 'zod';
import { actorOf } from '../auth/auth.ts';
import { showAlert, showGap, showSink, showSource } from '../present.ts';
import { type Route, route } from '../route.ts';
import * as s from '../schemas.ts';
import type { ConsoleView } from '../view.ts';
import { limit } from './characteristics.ts';
import { signedBy, typedName } from './person.ts';

const method = 'GET';
const words = (max: number) => z.string().trim().max(max);

/** Alerts and what people answer to them. */
export function alertRoutes(view: ConsoleView): Route[] {
  return [
    route(
      {
        method,
        url: '/api/alerts',
        tag: 'alerts',
        summary: 'Alerts, newest first; active means not closed.',
        query: z.strictObject({
          state: z
            .enum([...s.alertStates, 'active'])
            .optional()
            .describe('all when left out'),
          limit: limit(100, 1_000),
        }),
        response: z.array(s.alert),
      },
      async ({ query: { state, limit: rows } }) => {
        const query = { limit: rows, ...(state === undefined ? {} : { state }) };
        return (await view.alerts(query)).map(showAlert);
      },
    ),
    route(
      {
        method: 'POST',
        url: '/api/alerts/:id/acknowledge',
        tag: 'alerts',
        summary: 'Answer an alert: who saw it, what the cause is and what was done.',
        params: z.object({ id: z.coerce.number().int().min(0) }),
        body: z.strictObject({
          by: typedName(),
          cause: words(200).min(1, 'a cause is needed; "not found" is one'),
          action: words(500).min(1, 'say what was done; "nothing yet" is an answer'),
          comment: words(2_000).default(''),
        }),
        response: s.alert,
      },
      async ({ who, params: { id }, body }) => {
        const by = signedBy(who, body.by, 'by');
        return showAlert(await view.acknowledge(id, { ...body, by }, actorOf(who, by)));
      },
    ),
  ];
}

/** Where readings come from and where results go. */
export function plumbingRoutes(view: ConsoleView): Route[] {
  const tag = 'sources and sinks';
  return [
    route(
      {
        method,
        url: '/api/sources',
        tag,
        summary: 'Sources with state, counters and parts.',
        response: z.array(s.source),
      },
      () => view.sources().map(showSource),
    ),
    route(
      {
        method,
        url: '/api/sinks',
        tag,
        summary: 'Sinks with state and how far they are.',
        response: z.array(s.sink),
      },
      () => view.sinks().map(showSink),
    ),
    route(
      {
        method,
        url: '/api/gaps',
        tag,
        summary: 'Counted parts that never arrived, newest first.',
        query: z.strictObject({ limit: limit(100, 1_000) }),
        response: z.array(s.gap),
      },
      async ({ query }) => (await view.gaps(query.limit)).map(showGap),
    ),
  ];
}
