import { z } from 'zod';
import type { ReactionStatus } from '../../model.ts';
import { actorOf } from '../auth/auth.ts';
import { type Route, route } from '../route.ts';
import type { ConsoleView } from '../view.ts';
import { signedBy, typedName } from './person.ts';

const tag = 'reactions';
const params = z.object({ name: z.string().min(1).max(64).describe('name in the settings') });

const status = z.object({
  name: z.string(),
  action: z.enum(['light', 'stop']),
  enabled: z.boolean(),
  armed: z.boolean(),
  armedBy: z.string().nullable(),
  armedUntil: z.string().nullable(),
  approvedBy: z.string().nullable(),
  writes: z.int().describe('writes that left for the PLC'),
  verified: z.int().describe('alerts after which the level was read back'),
  unverified: z.int().describe('alerts after which it is not certain'),
});

/** What the settings let the agent set in a PLC. No address here adds one or says where to write. */
export function reactionRoutes(view: ConsoleView): Route[] {
  return [
    route(
      {
        method: 'GET',
        url: '/api/reactions',
        tag,
        summary: 'Stack lights and line stops of the settings.',
        response: z.array(status),
      },
      () => view.reactions().map(show),
    ),
    armRoute(view, 'arm', 'Arm a line stop: the second person after the one in the settings.'),
    armRoute(view, 'disarm', 'Disarm a line stop.'),
  ];
}

function armRoute(view: ConsoleView, word: 'arm' | 'disarm', summary: string): Route {
  return route(
    {
      method: 'POST',
      url: `/api/reactions/:name/${word}`,
      tag,
      summary,
      params,
      body: z.strictObject({ by: typedName() }),
      response: status,
    },
    async ({ who, params: { name }, body }) => {
      const by = signedBy(who, body.by, 'by');
      return show(await view.armReaction(name, by, word === 'arm', actorOf(who, by)));
    },
  );
}

function show({ armedUntilMs, ...rest }: ReactionStatus): z.input<typeof status> {
  const armedUntil = armedUntilMs === null ? null : new Date(armedUntilMs).toISOString();
  return { ...rest, armedUntil };
}
