import { useEffect, useState } from 'preact/hooks';
import { get } from '../api.ts';
import { Loading, ScrollTable } from '../components/facts.tsx';
import { time } from '../format.ts';
import { useGet, useNow } from '../hooks.ts';
import { strings } from '../strings.ts';
import type { AuditRow } from '../types.ts';

const text = strings.people.audit;
const PAGE = 100;

/** Who changed what, newest first; to be read and taken away. */
export function AuditPage() {
  const loaded = useGet<AuditRow[]>(`audit?limit=${PAGE}`);
  const [older, setOlder] = useState<AuditRow[]>([]);
  const [ended, setEnded] = useState(false);
  // A new first page begins a new list.
  useEffect(() => setOlder([]), [loaded.data]);
  const rows = [...(loaded.data ?? []), ...older];
  const last = rows.at(-1)?.n ?? 0;
  const more = async () => {
    const next = await get<AuditRow[]>(`audit?limit=${PAGE}&before=${last}`);
    setEnded(next.length === 0);
    setOlder([...older, ...next]);
  };
  return (
    <>
      <div class="page-head">
        <h1>{text.title}</h1>
        <a class="button" href="api/audit.csv" download>
          {text.csv}
        </a>
      </div>
      <p class="quiet small help">{text.help}</p>
      <section class="panel">
        <Loading loaded={loaded}>{() => <Rows rows={rows} />}</Loading>
        {last > 1 && !ended && (
          <button type="button" onClick={() => void more()}>
            {text.more}
          </button>
        )}
      </section>
    </>
  );
}

function Rows({ rows }: { rows: AuditRow[] }) {
  if (rows.length === 0) return <p class="quiet">{text.empty}</p>;
  return (
    <ScrollTable label={text.title} columns={text.columns}>
      {rows.map((row) => (
        <Row key={row.n} row={row} />
      ))}
    </ScrollTable>
  );
}

function Row({ row }: { row: AuditRow }) {
  const now = useNow();
  const typed = row.role === 'none';
  const role = typed ? '' : row.role;
  return (
    <tr>
      <td title={row.hash}>{row.n}</td>
      <td>
        {time(row.at, now)}
        {row.clock !== 'set' && <p class="refused small">{text.clock[row.clock]}</p>}
      </td>
      <td title={typed ? text.notProven : undefined}>
        {row.who === '' ? strings.none : row.who} {typed && row.who !== '' && '*'}{' '}
        <span class="quiet">{role}</span>
      </td>
      <td>{row.what}</td>
      <td class="words">{row.object}</td>
      <td class="words">{row.before}</td>
      <td class="words">{row.after}</td>
      <td class="words">{row.why}</td>
      <td>{row.address}</td>
    </tr>
  );
}
