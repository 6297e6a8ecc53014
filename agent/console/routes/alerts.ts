import { z } from 'zod';
import { givenDuration } from '../../runtime/duration.ts';
import { actorOf } from '../auth/auth.ts';
import { showAlert, showAlertEvent, showGap, showSink, showSource } from '../present.ts';
import { type Route, route } from '../route.ts';
import * as s from '../schemas.ts';
import type { ConsoleView } from '../view.ts';
import { limit } from './characteristics.ts';
import { signedBy, typedName } from './person.ts';

const method = 'GET';
const tag = 'alerts';
const params = z.object({ id: z.coerce.number().int().min(0) });
const words = (max: number) => z.string().trim().max(max);

/** Alerts and what people answer to them. */
export function alertRoutes(view: ConsoleView): Route[] {
  return [
    route(
      {
        method,
        url: '/api/alerts',
        tag,
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
        tag,
        summary: 'Answer an alert: who saw it, what the cause is and what was done.',
        params,
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
    historyRoute(view),
    shelveRoute(view),
    unshelveRoute(view),
  ];
}

function historyRoute(view: ConsoleView): Route {
  return route(
    {
      method,
      url: '/api/alerts/:id/history',
      tag,
      summary: 'What happened to an alert and who did it, oldest first.',
      params,
      query: z.strictObject({ limit: limit(100, 1_000) }),
      response: z.array(s.alertEvent),
    },
    async ({ params: { id }, query }) =>
      (await view.alertHistory(id, query.limit)).map(showAlertEvent),
  );
}

function shelveRoute(view: ConsoleView): Route {
  return route(
    {
      method: 'POST',
      url: '/api/alerts/:id/shelve',
      tag,
      summary: 'Put an alert aside for some time: nobody is told of it until then.',
      params,
      body: z
        .strictObject({
          by: typedName(),
          reason: words(500).min(1, 'say why it is put aside'),
          for: givenDuration().optional().describe("how long, e.g. '30m', '2h'"),
          until: z.iso
            .datetime({ offset: true })
            .optional()
            .describe('or until when; alerts.shelveMost of the settings is the longest'),
        })
        .refine((body) => (body.for === undefined) !== (body.until === undefined), {
          path: ['until'],
          error: 'give one of for and until',
        }),
      response: s.alert,
    },
    async ({ who, params: { id }, body: { by: typed, reason, for: forMs = null, until } }) => {
      const by = signedBy(who, typed, 'by');
      const untilMs = until === undefined ? null : Date.parse(until);
      return showAlert(await view.shelve(id, { by, reason, forMs, untilMs }, actorOf(who, by)));
    },
  );
}

function unshelveRoute(view: ConsoleView): Route {
  return route(
    {
      method: 'POST',
      url: '/api/alerts/:id/unshelve',
      tag,
      summary: 'Take an alert back that was put aside.',
      params,
      body: z.strictObject({ by: typedName() }),
      response: s.alert,
    },
    async ({ who, params: { id }, body }) => {
      const by = signedBy(who, body.by, 'by');
      return showAlert(await view.unshelve(id, by, actorOf(who, by)));
    },
  );
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
