import { z } from 'zod';
import type { CharacteristicSummary } from '../../model.ts';
import { actorOf } from '../auth/auth.ts';
import {
  showCharacteristic,
  showLimits,
  showPlant,
  showPoint,
  showReading,
  showSignal,
} from '../present.ts';
import { unknownCharacteristic } from '../problem.ts';
import { type Route, route } from '../route.ts';
import * as s from '../schemas.ts';
import type { ConsoleView } from '../view.ts';
import { signedBy, typedName } from './person.ts';

const method = 'GET';
const tag = 'characteristics';
const id = z.string().min(1).max(200).describe('id of the characteristic');
const params = z.object({ id });
const base = '/api/characteristics';

/** The plant and the rows of its control plan, each with its state now. */
export function characteristicRoutes(view: ConsoleView): Route[] {
  return [
    route(
      { method, url: '/api/plant', tag: 'plant', summary: 'The plant.', response: s.plant },
      () => showPlant(view.plant()),
    ),
    route(
      {
        method,
        url: base,
        tag,
        summary: 'All characteristics with status, last value, limits and capability.',
        response: z.array(s.characteristic),
      },
      () => view.characteristics().map(showCharacteristic),
    ),
    route(
      {
        method,
        url: `${base}/:id`,
        tag,
        summary: 'One characteristic.',
        params,
        response: s.characteristic,
      },
      ({ params: { id } }) => showCharacteristic(existing(view, id)),
    ),
    ...chartRoutes(view),
    ...readingRoutes(view),
    approveRoute(view),
    poolRoute(view),
  ];
}

function chartRoutes(view: ConsoleView): Route[] {
  return [
    route(
      {
        method,
        url: `${base}/:id/points`,
        tag,
        summary: 'Newest plotted points with the limits they were judged by, oldest first.',
        params,
        query: z.strictObject({
          limit: limit(500, 10_000),
          chart: z.string().min(1).max(64).optional().describe('kind of chart; all if left out'),
          after: z.coerce.number().int().min(0).optional().describe('only larger indexes'),
        }),
        response: z.array(s.point),
      },
      async ({ params: { id }, query: { limit: rows, chart, after } }) => {
        const { rules } = existing(view, id);
        const points = await view.points(id, {
          limit: rows,
          ...(chart === undefined ? {} : { chart }),
          ...(after === undefined ? {} : { after }),
        });
        return points.map((point) => showPoint(point, rules));
      },
    ),
    route(
      {
        method,
        url: `${base}/:id/signals`,
        tag,
        summary: 'Newest rule hits.',
        params,
        query: z.strictObject({ limit: limit(100, 5_000) }),
        response: z.array(s.signal),
      },
      async ({ params: { id }, query }) =>
        (await view.signals(existing(view, id).id, query.limit)).map(showSignal),
    ),
    route(
      {
        method,
        url: `${base}/:id/limits`,
        tag,
        summary: 'All versions of the limits.',
        params,
        response: z.array(s.limits),
      },
      async ({ params: { id } }) => (await view.limits(existing(view, id).id)).map(showLimits),
    ),
  ];
}

function readingRoutes(view: ConsoleView): Route[] {
  return [
    route(
      {
        method,
        url: `${base}/:id/readings`,
        tag,
        summary: 'Newest readings, good and bad, with their quality.',
        params,
        query: z.strictObject({ limit: limit(500, 10_000) }),
        response: z.array(s.reading),
      },
      async ({ params: { id }, query }) =>
        (await view.readings(existing(view, id).id, query.limit)).map(showReading),
    ),
    route(
      {
        method,
        url: `${base}/:id/histogram`,
        tag,
        summary: 'Newest good readings counted in equal bins.',
        params,
        query: z.strictObject({ limit: limit(5_000, 100_000) }),
        response: s.histogram,
      },
      ({ params: { id }, query }) => view.histogram(existing(view, id).id, query.limit),
    ),
  ];
}

function approveRoute(view: ConsoleView): Route {
  return route(
    {
      method: 'POST',
      url: `${base}/:id/limits/:version/approve`,
      tag,
      summary: 'Approve a version of the limits, with the name of the person who does.',
      params: z.object({ id, version: z.coerce.number().int().min(1) }),
      body: z.strictObject({ by: typedName() }),
      response: s.limits,
    },
    async ({ who, params: { id, version }, body }) => {
      const by = signedBy(who, body.by, 'by');
      const known = existing(view, id).id;
      return showLimits(await view.approveLimits(known, version, by, actorOf(who, by)));
    },
  );
}

function poolRoute(view: ConsoleView): Route {
  return route(
    {
      method: 'POST',
      url: `${base}/:id/gauges/pool`,
      tag,
      summary:
        'Sign that what several gauges measured counts as one, and why: capability pools it.',
      params,
      body: z.strictObject({
        by: typedName(),
        reason: z.string().trim().min(3).max(500).describe('what shows that they measure the same'),
      }),
      response: z.object({ signed: z.string() }),
    },
    async ({ who, params: { id }, body }) => {
      const by = signedBy(who, body.by, 'by');
      await view.poolGauges(existing(view, id).id, by, body.reason, actorOf(who, by));
      return { signed: by };
    },
  );
}

/** How many rows an answer may have at most. */
export function limit(fallback: number, max: number) {
  return z.coerce.number().int().min(1).max(max).default(fallback).describe('most rows wanted');
}

function existing(view: ConsoleView, id: string): CharacteristicSummary {
  const found = view.characteristic(id);
  if (found === undefined) throw unknownCharacteristic(id);
  return found;
}
