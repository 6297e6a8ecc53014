import { useState } from 'preact/hooks';
import { AcknowledgeForm } from '../components/acknowledge-form.tsx';
import { AlertChart } from '../components/alert-chart.tsx';
import { Attention, History } from '../components/aside.tsx';
import { Facts, Loading } from '../components/facts.tsx';
import { ClassMark, SeverityWord } from '../components/status.tsx';
import { time, withUnit } from '../format.ts';
import { useGet, useLive, useMedia, useNow } from '../hooks.ts';
import { ruleLabel, ruleText } from '../rules.ts';
import { strings } from '../strings.ts';
import type { Alert } from '../types.ts';

const FILTERS = ['active', 'open', 'acknowledged', 'cleared', 'closed'] as const;
type Filter = (typeof FILTERS)[number];

/** The list of alerts and the chosen one beside it (below it on a phone: instead of it). */
export function AlertsPage({ id }: { id: number | null }) {
  const [filter, setFilter] = useState<Filter>('active');
  const live = useLive((state) => state.alerts);
  const loaded = useGet<Alert[]>(`alerts?state=${filter}&limit=200`, live);
  const wide = useMedia('(min-width: 801px)');
  const text = strings.alerts;
  const alerts = loaded.data?.toSorted(urgentFirst) ?? null;
  // A wide screen has room for the most urgent one even when nobody chose.
  const first = wide ? alerts?.[0] : undefined;
  const shown = id === null ? first : (live.get(id) ?? alerts?.find((one) => one.id === id));
  return (
    <>
      <div class="page-head">
        <h1>{text.title}</h1>
        <fieldset class="segments">
          <legend class="hidden">{text.filter}</legend>
          {FILTERS.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === filter}
              onClick={() => setFilter(one)}
            >
              {text.states[one]}
            </button>
          ))}
        </fieldset>
      </div>
      <div class={id === null ? 'split' : 'split chosen'}>
        <div class="list">
          <Loading loaded={{ ...loaded, data: alerts }}>
            {(list) => <List alerts={list} id={shown?.id ?? null} />}
          </Loading>
        </div>
        {(shown !== undefined || alerts?.length !== 0) && <Detail alert={shown} />}
      </div>
    </>
  );
}

function List({ alerts, id }: { alerts: Alert[]; id: number | null }) {
  const now = useNow();
  const text = strings.alerts;
  if (alerts.length === 0) return <p class="quiet">{text.empty}</p>;
  return (
    <ul class="alerts">
      {alerts.map((alert) => (
        <li key={alert.id} class={`is-${alert.severity} ${alert.state}`}>
          <a href={`#/alerts/${alert.id}`} aria-current={alert.id === id ? 'true' : undefined}>
            <span class="alert-top">
              <SeverityWord severity={alert.severity} />
              <span class="state">{text.states[alert.state]}</span>
              {isAside(alert) && <span class="state">{strings.aside.steps.shelved}</span>}
              <time dateTime={alert.openedAt}>{time(alert.openedAt, now, false)}</time>
            </span>
            <span class="alert-title">{alert.title}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function Detail({ alert }: { alert: Alert | undefined }) {
  const known = useLive((state) => state.characteristics);
  const text = strings.alerts;
  if (alert === undefined) return <p class="quiet detail">{text.pick}</p>;
  const characteristic = known.get(alert.subject);
  const decimals = characteristic?.decimals ?? 3;
  return (
    <article class={`panel detail is-${alert.severity}`} aria-label={alert.title}>
      <p class="small only-narrow">
        <a href="#/alerts">← {text.back}</a>
      </p>
      <p class="alert-top">
        <SeverityWord severity={alert.severity} />
        <span class="state">{text.states[alert.state]}</span>
        <ClassMark name={alert.class} />
      </p>
      <h2>{alert.title}</h2>
      <p class="quiet">{text.help[alert.state]}</p>
      {alert.detail !== '' && <p>{alert.detail}</p>}
      {alert.reactionPlan !== '' && (
        <section class="plan-box">
          <h3>{strings.characteristic.reaction}</h3>
          <p class="plan">{alert.reactionPlan}</p>
        </section>
      )}
      {alert.acknowledgedAt === null ? (
        <AcknowledgeForm key={alert.id} id={alert.id} />
      ) : (
        <Answer alert={alert} />
      )}
      <Attention alert={alert} />
      {characteristic !== undefined && alert.state !== 'closed' && (
        <AlertChart key={alert.id} alert={alert} characteristic={characteristic} />
      )}
      <About alert={alert} decimals={decimals} />
      <Rules alert={alert} />
      <History alert={alert} />
      {characteristic !== undefined && (
        <p>
          <a href={`#/characteristic/${encodeURIComponent(alert.subject)}`}>{text.chart}</a>
        </p>
      )}
    </article>
  );
}

function About({ alert, decimals }: { alert: Alert; decimals: number }) {
  const now = useNow();
  const text = strings.alerts;
  const when = (iso: string | null) => time(iso, now);
  const { clearedAt, returns, value, unit } = alert;
  const rows: [string, string][] = [
    [text.began, when(alert.onsetAt)],
    [text.raised, when(alert.openedAt)],
    [text.last, when(alert.lastAt)],
  ];
  if (clearedAt !== null) rows.push([text.clearedAt, when(clearedAt)]);
  rows.push([text.count, String(alert.count)]);
  if (returns > 0) rows.push([text.returns, text.returnsTimes(returns)]);
  if (value !== null) rows.push([text.value, withUnit(value, decimals, unit)]);
  return <Facts rows={[...rows, ...Object.entries(alert.context)]} />;
}

function Rules({ alert }: { alert: Alert }) {
  if (alert.rules.length === 0) return null;
  return (
    <>
      <h3>{strings.alerts.rules}</h3>
      <ul class="rules">
        {alert.rules.map((id) => (
          <li key={id}>
            <b>{ruleLabel(id)}</b> {ruleText(id)}
          </li>
        ))}
      </ul>
    </>
  );
}

function Answer({ alert }: { alert: Alert }) {
  const now = useNow();
  const text = strings.acknowledge;
  return (
    <section class="plan-box">
      <h3>{strings.alerts.answer}</h3>
      <p>{text.answered(alert.acknowledgedBy ?? '', time(alert.acknowledgedAt, now, false))}</p>
      <Facts
        rows={[
          [text.cause, alert.cause ?? strings.none],
          [text.action, alert.action || strings.none],
          [text.comment, alert.comment || strings.none],
        ]}
      />
    </section>
  );
}

const isAside = ({ shelf, state }: Alert) =>
  shelf !== null && shelf.endedAt === null && state !== 'closed';

const SEVERITIES = ['alarm', 'warning', 'info'];
const STATES = ['open', 'cleared', 'acknowledged', 'closed'];

/** Unanswered before answered, alarms before warnings, new before old. */
function urgentFirst(a: Alert, b: Alert): number {
  return (
    STATES.indexOf(a.state) - STATES.indexOf(b.state) ||
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    b.id - a.id
  );
}
