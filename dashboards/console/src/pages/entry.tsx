import { useState } from 'preact/hooks';
import { EventForm } from '../components/event-form.tsx';
import { Loading, Panel, ScrollTable } from '../components/facts.tsx';
import { ValueForm } from '../components/value-form.tsx';
import { time, withUnit } from '../format.ts';
import { useGet, useLive, useNow } from '../hooks.ts';
import { may } from '../session.ts';
import { strings } from '../strings.ts';
import type { ManualEntry, ManualForm, PlantEvent } from '../types.ts';

const text = strings.entry;
const REFRESH_MS = 10_000;

/** What people type in: values off a gauge, and what happened. Below, what was typed last. */
export function EntryPage({ id }: { id: string | undefined }) {
  const [turn, setTurn] = useState(0);
  const beat = Math.floor(useNow() / REFRESH_MS);
  const forms = useGet<ManualForm[]>('manual');
  const entries = useGet<ManualEntry[]>('manual/entries?limit=15', `${turn}/${beat}`);
  const events = useGet<PlantEvent[]>('events?limit=15', `${turn}/${beat}`);
  const done = () => setTurn((n) => n + 1);
  return (
    <>
      <div class="page-head">
        <h1>{text.title}</h1>
      </div>
      <div class="columns">
        <Panel title={text.value}>
          {may('POST /api/readings') ? (
            <Loading loaded={forms}>
              {(list) => <ValueForm forms={list} first={id} onDone={done} />}
            </Loading>
          ) : (
            <p class="quiet">{strings.people.needs('operator')}</p>
          )}
        </Panel>
        <Panel title={strings.happened.title}>
          {may('POST /api/events') ? (
            <EventForm onDone={done} />
          ) : (
            <p class="quiet">{strings.people.needs('operator')}</p>
          )}
        </Panel>
      </div>
      <Panel title={text.entries}>
        <Loading loaded={entries}>{(list) => <Entries entries={list} />}</Loading>
      </Panel>
      <Panel title={strings.happened.list}>
        <Loading loaded={events}>{(list) => <Events events={list} />}</Loading>
      </Panel>
    </>
  );
}

function Entries({ entries }: { entries: ManualEntry[] }) {
  const now = useNow();
  const known = useLive((state) => state.characteristics);
  if (entries.length === 0) return <p class="quiet">{text.noEntries}</p>;
  return (
    <ScrollTable label={text.entries} columns={text.columns}>
      {entries.map((entry) => {
        const c = known.get(entry.characteristic);
        return (
          <tr key={`${entry.at}${entry.characteristic}${entry.value}`}>
            <td>{time(entry.at, now)}</td>
            <td>
              <a href={`#/characteristic/${encodeURIComponent(entry.characteristic)}`}>
                {c?.name ?? entry.characteristic}
              </a>
            </td>
            <td>{withUnit(entry.value, c?.decimals ?? 4, c?.unit ?? '')}</td>
            <td>{entry.gauge}</td>
            <td>{entry.operator}</td>
            <td class="words">{entry.reason}</td>
          </tr>
        );
      })}
    </ScrollTable>
  );
}

function Events({ events }: { events: PlantEvent[] }) {
  const now = useNow();
  const known = useLive((state) => state.characteristics);
  const kinds: Record<string, string> = strings.flags.kinds;
  if (events.length === 0) return <p class="quiet">{strings.happened.none}</p>;
  return (
    <ScrollTable label={strings.happened.list} columns={strings.happened.columns}>
      {events.map((event) => (
        <tr key={`${event.seq}-${event.ordinal}`}>
          <td>{time(event.at, now)}</td>
          <td>{kinds[event.kind] ?? event.kind}</td>
          <td class="words">{event.text}</td>
          <td>
            {event.characteristic === null
              ? (event.machine ?? '')
              : (known.get(event.characteristic)?.name ?? event.characteristic)}
          </td>
          <td>{event.by ?? event.source}</td>
        </tr>
      ))}
    </ScrollTable>
  );
}
