import { z } from 'zod';
import type { AuditRow } from '../../model.ts';
import { type Route, reply, route } from '../route.ts';
import { auditRow } from '../schemas-people.ts';
import type { AccountStore } from '../view.ts';
import { limit } from './characteristics.ts';

const tag = 'audit';
const method = 'GET';

const query = z.strictObject({
  limit: limit(100, 1000),
  before: z.coerce.number().int().min(1).optional().describe('only smaller numbers'),
});

/** Who changed what: to be read and taken away, never to be changed. */
export function auditRoutes(store: AccountStore): Route[] {
  const rows = ({ limit: most, before }: z.output<typeof query>) =>
    store.rows({ limit: most, ...(before === undefined ? {} : { before }) });
  return [
    route(
      {
        ...{ method, url: '/api/audit', tag, query, response: z.array(auditRow) },
        summary: 'Who changed what, newest first.',
      },
      async ({ query: wanted }) => (await rows(wanted)).map(showRow),
    ),
    route(
      {
        ...{ method, url: '/api/audit.csv', tag, response: z.string() },
        summary: 'The same rows as a table for spreadsheets.',
        contentType: 'text/csv; charset=utf-8',
        query: query.extend({ limit: limit(5000, 5000) }),
      },
      async ({ query: wanted }) =>
        reply(200, auditCsv((await rows(wanted)).map(showRow)), {
          'content-disposition': 'attachment; filename="meyar-audit.csv"',
        }),
    ),
  ];
}

function showRow({ actor, ...row }: AuditRow): z.input<typeof auditRow> {
  const { n, at, clock, what, object, before, after, why, hash } = row;
  return { n, at, clock, ...actor, what, object, before, after, why, hash };
}

type Shown = z.input<typeof auditRow>;
const COLUMNS = Object.keys(auditRow.shape) as (keyof Shown)[];

/** RFC 4180. A text that a spreadsheet would run as a formula gets a quote before it. */
export function auditCsv(rows: Shown[]): string {
  const lines = rows.map((row) => COLUMNS.map((column) => cell(row[column])).join(','));
  return `${[COLUMNS.join(','), ...lines].join('\r\n')}\r\n`;
}

function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) || safe !== value ? `"${safe.replaceAll('"', '""')}"` : safe;
}
