import { z } from 'zod';
import { PLANT_EVENTS, type StoredEvent } from '../../model.ts';
import { actorOf } from '../auth/auth.ts';
import { unknownCharacteristic } from '../problem.ts';
import { type Route, reply, route } from '../route.ts';
import { event } from '../schemas-floor.ts';
import type { ConsoleView } from '../view.ts';
import { limit } from './characteristics.ts';
import { signedBy, typedName } from './person.ts';

const words = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .regex(/^[^\p{Cc}]*$/u, 'no control signs');
const id = z.string().min(1).max(200).describe('id of the characteristic');
const time = z.iso.datetime({ offset: true }).optional().describe('when it was; now when left out');

/** A number, or text as people type it: a decimal comma is understood. */
const value = z
  .union([z.number(), z.string().max(40)])
  .transform((given) => (typeof given === 'number' ? given : numberOf(given)))
  .refine(Number.isFinite, 'a number is needed');

const entered = z.object({ characteristic: z.string(), value: z.number(), at: z.string() });

/** What people type in: values off a gauge, and what happened. */
export function entryRoutes(view: ConsoleView): Route[] {
  return [readingRoute(view), addEventRoute(view), eventsRoute(view)];
}

function readingRoute(view: ConsoleView): Route {
  return route(
    {
      method: 'POST',
      url: '/api/readings',
      tag: 'characteristics',
      summary: 'Enter a value read off a gauge; answered when it is durable.',
      body: z.strictObject({
        characteristic: id,
        value,
        operator: typedName(),
        gauge: words(80).min(1, 'name the gauge'),
        reason: words(500).default(''),
        time,
      }),
      response: entered,
    },
    async ({ who, body: { time: at, ...entry } }) => {
      known(view, entry.characteristic);
      const operator = signedBy(who, entry.operator, 'operator');
      const typed = { ...entry, operator, timeMs: msOf(at) };
      const timeMs = await view.enterReading(typed, actorOf(who, operator));
      const { characteristic, value: taken } = entry;
      return reply(201, { characteristic, value: taken, at: new Date(timeMs).toISOString() });
    },
  );
}

function addEventRoute(view: ConsoleView): Route {
  return route(
    {
      method: 'POST',
      url: '/api/events',
      tag: 'events',
      summary: 'Say what happened: it explains the chart later. Answered when it is durable.',
      body: z.strictObject({
        kind: z.enum(PLANT_EVENTS),
        text: words(500).min(1, 'say what happened'),
        by: typedName(),
        characteristic: id.optional(),
        machine: words(80).min(1).optional(),
        time,
      }),
      response: z.object({ kind: z.string(), text: z.string() }),
    },
    async ({ who, body: { time: at, characteristic, machine, ...said } }) => {
      if (characteristic !== undefined) known(view, characteristic);
      const by = signedBy(who, said.by, 'by');
      const event = {
        ...{ ...said, by, timeMs: msOf(at) },
        ...(characteristic === undefined ? {} : { characteristic }),
        ...(machine === undefined ? {} : { machine }),
      };
      await view.addEvent(event, actorOf(who, by));
      return reply(201, { kind: said.kind, text: said.text });
    },
  );
}

function eventsRoute(view: ConsoleView): Route {
  return route(
    {
      method: 'GET',
      url: '/api/events',
      tag: 'events',
      summary: 'What happened in the plant and at the sources, newest first.',
      query: z.strictObject({ limit: limit(100, 1_000) }),
      response: z.array(event),
    },
    async ({ query }) => (await view.events(query.limit)).map(showEvent),
  );
}

function showEvent(e: StoredEvent): z.input<typeof event> {
  const { timeMs, characteristic = null, machine = null, by = null, ...rest } = e;
  return { ...rest, at: new Date(timeMs).toISOString(), characteristic, machine, by };
}

function known(view: ConsoleView, characteristic: string): void {
  if (view.characteristic(characteristic) === undefined)
    throw unknownCharacteristic(characteristic);
}

const msOf = (text: string | undefined) => (text === undefined ? null : Date.parse(text));

/** '21,98' is 21.98; anything that is no plain number is NaN. */
function numberOf(text: string): number {
  const plain = /^\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?\s*$/.test(text);
  return plain ? Number(text.replace(',', '.')) : Number.NaN;
}
