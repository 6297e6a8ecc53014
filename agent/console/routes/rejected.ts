import { z } from 'zod';
import { actorOf } from '../auth/auth.ts';
import { type Route, route } from '../route.ts';
import { rejectedRow } from '../schemas.ts';
import type { ConsoleView } from '../view.ts';
import { limit } from './characteristics.ts';
import { signedBy, typedName } from './person.ts';

const tag = 'sources and sinks';
const params = z.object({ name: z.string().min(1).max(64).describe('name of the sink') });
const ids = z
  .array(z.int().min(1))
  .max(10_000)
  .optional()
  .describe('numbers of the rows; all when left out');

/** Rows that the other side of a sink refused: kept until they are taken, or dropped by somebody. */
export function rejectedRoutes(view: ConsoleView): Route[] {
  return [listRoute(view), retryRoute(view), dropRoute(view)];
}

function listRoute(view: ConsoleView): Route {
  return route(
    {
      method: 'GET',
      url: '/api/sinks/:name/rejected',
      tag,
      summary: 'Rows that the other side refused, newest first.',
      params,
      query: z.strictObject({ limit: limit(100, 1_000) }),
      response: z.array(rejectedRow),
    },
    async ({ params: { name }, query }) => {
      const rows = await view.rejected(name, query.limit);
      return rows.map(({ timeMs, ...rest }) => ({ ...rest, at: new Date(timeMs).toISOString() }));
    },
  );
}

function retryRoute(view: ConsoleView): Route {
  return route(
    {
      method: 'POST',
      url: '/api/sinks/:name/rejected/retry',
      tag,
      summary: 'Send rejected rows once more, a thousand at most; those taken leave the list.',
      params,
      body: z.strictObject({ by: typedName(), ids }),
      response: z.object({ sent: z.int(), taken: z.int(), refused: z.int() }),
    },
    async ({ who, params: { name }, body }) => {
      const by = signedBy(who, body.by, 'by');
      return view.retryRejected(name, body.ids ?? null, actorOf(who, by));
    },
  );
}

function dropRoute(view: ConsoleView): Route {
  return route(
    {
      method: 'POST',
      url: '/api/sinks/:name/rejected/drop',
      tag,
      summary: 'Give rejected rows up; who did and why is in the audit log.',
      params,
      body: z.strictObject({
        by: typedName(),
        ids,
        reason: z.string().trim().min(1, 'say why they are given up').max(500),
      }),
      response: z.object({ dropped: z.int() }),
    },
    async ({ who, params: { name }, body }) => {
      const by = signedBy(who, body.by, 'by');
      const actor = actorOf(who, by);
      return { dropped: await view.dropRejected(name, body.ids ?? null, body.reason, actor) };
    },
  );
}
