import { useState } from 'preact/hooks';
import { post } from '../api.ts';
import { time } from '../format.ts';
import { useGet, useNow } from '../hooks.ts';
import { may } from '../session.ts';
import { strings } from '../strings.ts';
import type { RejectedRow } from '../types.ts';
import { Loading, ScrollTable } from './facts.tsx';
import { NameField, usePerson } from './person.tsx';

const text = strings.refused;
const SHOWN = 50;

/** Rows that the other side refused or that came too late; asked for when somebody looks. */
export function RejectedRows({ sink, rejected }: { sink: string; rejected: number }) {
  const [open, setOpen] = useState(false);
  const path = `sinks/${encodeURIComponent(sink)}/rejected`;
  const loaded = useGet<RejectedRow[]>(open ? `${path}?limit=${SHOWN}` : null, rejected);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{text.title}</summary>
      {open && (
        <Loading loaded={loaded}>
          {(rows) =>
            rows.length === 0 ? (
              <p class="quiet">{text.empty}</p>
            ) : (
              <>
                <Rows rows={rows} label={`${text.title}: ${sink}`} />
                <Deeds path={path} onDone={loaded.reload} />
              </>
            )
          }
        </Loading>
      )}
    </details>
  );
}

function Rows({ rows, label }: { rows: RejectedRow[]; label: string }) {
  const now = useNow();
  return (
    <ScrollTable label={label} columns={text.columns}>
      {rows.map((one) => (
        <tr key={one.id}>
          <td>{time(one.at, now, false)}</td>
          <td class="words">{one.reason}</td>
          <td class="words">
            <code>{one.row}</code>
          </td>
        </tr>
      ))}
    </ScrollTable>
  );
}

/** Send all once more, or give all up with a reason; only for those who may. */
function Deeds({ path, onDone }: { path: string; onDone: () => void }) {
  const person = usePerson();
  const [reason, setReason] = useState('');
  const [said, setSaid] = useState('');
  if (!may('POST /api/sinks/:name/rejected/retry')) return null;
  const by = person.as('by');
  const run = async (work: () => Promise<string>) => {
    setSaid(
      await work().catch((thrown: unknown) =>
        thrown instanceof Error ? thrown.message : String(thrown),
      ),
    );
    onDone();
  };
  const retry = () =>
    run(async () => {
      const { sent, taken } = await post<{ sent: number; taken: number }>(`${path}/retry`, by);
      return text.taken(taken, sent);
    });
  const drop = (event: Event) => {
    event.preventDefault();
    return run(async () => {
      const { dropped } = await post<{ dropped: number }>(`${path}/drop`, { ...by, reason });
      return text.dropped(dropped);
    });
  };
  return (
    <form class="inline" onSubmit={drop} aria-label={text.title}>
      <NameField person={person} label={strings.acknowledge.by} />
      <button type="button" onClick={retry}>
        {text.retry}
      </button>
      <label>
        {text.reason}{' '}
        <input
          required
          maxLength={500}
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <button type="submit">{text.drop}</button>
      <p role="status">{said}</p>
    </form>
  );
}
