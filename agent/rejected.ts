import type { ConsoleView } from './console/view.ts';
import type { CoreClient } from './core/client.ts';
import type { Actor, RejectedRow } from './model.ts';
import { InputError } from './runtime/errors.ts';
import type { Shipper } from './sinks/shipper.ts';
import type { AsyncReader } from './store/reader-client.ts';

interface RejectedParts {
  core: Pick<CoreClient, 'audit' | 'forgive' | 'reject'>;
  reader: Pick<AsyncReader, 'rejected'>;
  shipper(name: string): Shipper | undefined;
  /** names of the channels: what they did not send is kept like rows of sinks */
  channels(): string[];
  now(): number;
}

/** Rows kept of one sink, and how many are sent once more at a time. */
const ALL = 10_000;
const AT_ONCE = 1000;

/** What people can do about rows that the other side of a sink refused. */
export function rejectedRows(
  p: RejectedParts,
): Pick<ConsoleView, 'rejected' | 'retryRejected' | 'dropRejected'> {
  const chosen = async (sink: string, ids: readonly number[] | null): Promise<RejectedRow[]> => {
    const rows = await p.reader.rejected(kept(p, sink), ALL);
    return ids === null ? rows : rows.filter((row) => ids.includes(row.id));
  };
  return {
    async rejected(sink, limit) {
      return (await chosen(sink, null)).slice(0, limit);
    },
    async retryRejected(sink, ids, actor) {
      const rows = (await chosen(sink, ids)).slice(0, AT_ONCE);
      const shipper = p.shipper(sink);
      if (shipper === undefined) throw new InputError('messages to people are not sent again');
      if (rows.length === 0) return { sent: 0, taken: 0, refused: 0 };
      const { taken, refused } = await again(shipper, rows);
      const byId = new Map(rows.map((row) => [row.id, row]));
      const still = refused.flatMap(({ id, reason }) => {
        const row = byId.get(id);
        return row === undefined ? [] : [{ row: row.row, reason, timeMs: row.timeMs }];
      });
      if (still.length > 0) p.core.reject(sink, still);
      p.core.forgive(taken);
      await tell(p, actor, 'rejected-retry', sink, `${taken.length} of ${rows.length} taken`, '');
      return { sent: rows.length, taken: taken.length, refused: refused.length };
    },
    async dropRejected(sink, ids, reason, actor) {
      const rows = await chosen(sink, ids);
      if (rows.length === 0) return 0;
      // First the record, then the deed: nothing disappears that the log does not show.
      await tell(p, actor, 'rejected-drop', sink, `${rows.length} rows dropped`, reason);
      p.core.forgive(rows.map((row) => row.id));
      return rows.length;
    },
  };
}

/** Under which name the rows are kept. A sink goes before a channel of the same name. */
function kept(p: RejectedParts, name: string): string {
  if (p.shipper(name) !== undefined) return name;
  const channel = name.replace(/^channel:/, '');
  if (p.channels().includes(channel)) return `channel:${channel}`;
  throw new InputError(`there is no sink or channel '${name}'`);
}

/** Whatever the other side says against it is a conflict for the person who asked. */
async function again(shipper: Shipper, rows: readonly RejectedRow[]) {
  try {
    return await shipper.again(rows);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new InputError(`the other side does not take rows now: ${why}`);
  }
}

async function tell(
  { core }: RejectedParts,
  actor: Actor,
  what: string,
  object: string,
  after: string,
  why: string,
): Promise<void> {
  const { error } = await core.audit({ actor, what, object, before: '', after, why });
  if (error !== undefined) throw new InputError(error);
}
