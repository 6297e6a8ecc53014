import { z } from 'zod';
import { unknownCharacteristic } from '../problem.ts';
import { type Route, route } from '../route.ts';
import { manualForm, manualRow, occasion, storage } from '../schemas-floor.ts';
import type { ConsoleView, StorageHealth } from '../view.ts';
import { limit } from './characteristics.ts';

const method = 'GET';

/** What the pages of the shop floor ask: values to type in, what a point was made of, the store. */
export function shopFloorRoutes(view: ConsoleView): Route[] {
  return [manualRoute(view), entriesRoute(view), occasionRoute(view), storageRoute(view)];
}

function manualRoute(view: ConsoleView): Route {
  return route(
    {
      method,
      url: '/api/manual',
      tag: 'characteristics',
      summary: 'Characteristics whose values are typed in, with their gauges and bounds.',
      response: z.array(manualForm),
    },
    () => view.manual().map(copied),
  );
}

const copied = (form: ReturnType<ConsoleView['manual']>[number]) => ({
  ...form,
  gauges: form.gauges === null ? null : [...form.gauges],
  operators: form.operators === null ? null : [...form.operators],
});

function entriesRoute(view: ConsoleView): Route {
  return route(
    {
      method,
      url: '/api/manual/entries',
      tag: 'characteristics',
      summary: 'Values that people typed in, newest first.',
      query: z.strictObject({ limit: limit(20, 200) }),
      response: z.array(manualRow),
    },
    ({ query }) => view.entries(query.limit),
  );
}

function occasionRoute(view: ConsoleView): Route {
  return route(
    {
      method,
      url: '/api/characteristics/:id/occasion',
      tag: 'characteristics',
      summary: 'What was said with the last reading of a point: part, serial, lot or tool.',
      params: z.object({ id: z.string().min(1).max(200) }),
      query: z.strictObject({
        seq: z.coerce.number().int().min(0).describe('transaction of the point'),
        at: z.iso.datetime().describe('time of the point'),
      }),
      response: occasion,
    },
    async ({ params: { id }, query }) => {
      if (view.characteristic(id) === undefined) throw unknownCharacteristic(id);
      const context = await view.occasion(id, query.seq, Date.parse(query.at));
      const reason = context === null ? 'the journal no longer has this reading' : null;
      return { context, reason };
    },
  );
}

function storageRoute(view: ConsoleView): Route {
  return route(
    {
      method,
      url: '/api/storage',
      tag: 'health',
      summary: 'Disk, last backup, last whole check and steps of the clock.',
      response: storage,
    },
    () => showStorage(view.storage(), view.plant().nowMs),
  );
}

function showStorage(s: StorageHealth, nowMs: number): z.input<typeof storage> {
  const { backup, check, backupEveryMs } = s;
  const at = (ms: number) => new Date(ms).toISOString();
  const overdue = backupEveryMs !== null && nowMs - (backup?.timeMs ?? nowMs) > 2 * backupEveryMs;
  return {
    disk: s.disk,
    backup: {
      wanted: backupEveryMs !== null,
      lastAt: backup === null ? null : at(backup.timeMs),
      overdue,
    },
    check: check === null ? null : { at: at(check.timeMs), ok: check.ok, found: check.found },
    clock: s.clock,
    sync: s.sync,
  };
}
