import { useState } from 'preact/hooks';
import { post } from '../api.ts';
import { age, time } from '../format.ts';
import { useGet, useNow } from '../hooks.ts';
import { takeAlert } from '../live.ts';
import { may } from '../session.ts';
import { strings } from '../strings.ts';
import type { Alert, AlertEvent } from '../types.ts';
import { Loading } from './facts.tsx';
import { NameField, usePerson } from './person.tsx';

const text = strings.aside;

/** Put aside until when, by whom and why; who else is told while nobody answers. */
export function Attention({ alert }: { alert: Alert }) {
  const now = useNow();
  const { shelf, escalations } = alert;
  const aside = shelf !== null && shelf.endedAt === null && alert.state !== 'closed';
  const told = escalations.filter((one) => one.level > 0 || one.nextAt !== null);
  return (
    <>
      {aside && (
        <section class="plan-box">
          <h3>{text.isAside(time(shelf.until, now, false))}</h3>
          <p>{text.because(shelf.by, shelf.reason)}</p>
          <TakeBack id={alert.id} />
        </section>
      )}
      {told.length > 0 && (
        <ul class="rules">
          {told.map((one) => (
            <li key={`${one.to.join()} ${one.levels}`}>
              {one.level > 0 && text.told(one.to.join(', '), one.level, one.levels)}{' '}
              {one.nextAt !== null &&
                text.next(one.to.join(', '), age(Math.max(0, Date.parse(one.nextAt) - now)))}
            </li>
          ))}
        </ul>
      )}
      {!aside && alert.state !== 'closed' && <PutAside key={alert.id} id={alert.id} />}
    </>
  );
}

const TIMES = ['30m', '1h', '2h', '4h', '8h'];

/** Closed until somebody wants it. */
function PutAside({ id }: { id: number }) {
  const [open, setOpen] = useState(false);
  if (!may('POST /api/alerts/:id/shelve')) return null;
  return (
    <details class="aside" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{text.put}</summary>
      {open && <AsideForm id={id} />}
    </details>
  );
}

/** Name, time and reason. */
function AsideForm({ id }: { id: number }) {
  const person = usePerson();
  const [reason, setReason] = useState('');
  const [forTime, setForTime] = useState('1h');
  const [error, setError] = useState('');
  const submit = async (event: Event) => {
    event.preventDefault();
    const body = { ...person.as('by'), reason, for: forTime };
    try {
      takeAlert(await post<Alert>(`alerts/${id}/shelve`, body));
    } catch (thrown) {
      setError((thrown as Error).message);
    }
  };
  return (
    <form class="shelve" onSubmit={submit} aria-label={text.put}>
      <p class="whole quiet">{text.help}</p>
      <NameField person={person} label={strings.acknowledge.by} />
      <label>
        <span>{text.time}</span>
        <select value={forTime} onChange={(event) => setForTime(event.currentTarget.value)}>
          {TIMES.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <label class="whole">
        <span>{text.reason}</span>
        <input
          required
          maxLength={500}
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="whole">
        {text.put}
      </button>
      <p role="alert" class="whole">
        {error}
      </p>
    </form>
  );
}

function TakeBack({ id }: { id: number }) {
  const person = usePerson();
  const [error, setError] = useState('');
  if (!may('POST /api/alerts/:id/unshelve')) return null;
  const submit = async () => {
    try {
      takeAlert(await post<Alert>(`alerts/${id}/unshelve`, person.as('by')));
    } catch (thrown) {
      setError((thrown as Error).message);
    }
  };
  return (
    <>
      <button type="button" onClick={submit}>
        {text.back}
      </button>
      {error !== '' && <p role="alert">{error}</p>}
    </>
  );
}

/** What happened to it, oldest first. */
export function History({ alert }: { alert: Alert }) {
  const now = useNow();
  const version = `${alert.state} ${alert.severity} ${alert.shelf?.until} ${alert.shelf?.endedAt}`;
  const levels = alert.escalations.map((one) => one.level).join();
  const loaded = useGet<AlertEvent[]>(`alerts/${alert.id}/history`, `${version} ${levels}`);
  return (
    <section>
      <h3>{text.history}</h3>
      <Loading loaded={loaded}>
        {(events) => (
          <ol class="rules">
            {events.map((one) => (
              <li key={`${one.at} ${one.transition}`}>
                <time dateTime={one.at}>{time(one.at, now, false)}</time>{' '}
                <b>{text.steps[one.transition]}</b>
                {one.by !== null && ` ${text.by(one.by)}`}
                {one.note !== '' && `: ${one.note}`}
              </li>
            ))}
          </ol>
        )}
      </Loading>
    </section>
  );
}
