import { Age } from '../components/age.tsx';
import { CapabilityTable } from '../components/capability-table.tsx';
import { ChartPanel } from '../components/chart-panel.tsx';
import { Facts, Loading, Panel } from '../components/facts.tsx';
import { HistogramChart } from '../components/histogram.tsx';
import { LimitsHistory } from '../components/limits-history.tsx';
import { SignalsTable } from '../components/signals-table.tsx';
import { ClassMark, SeverityWord, StatusWord } from '../components/status.tsx';
import { count, fixed, tolerance, withUnit } from '../format.ts';
import { useGet, useLive } from '../hooks.ts';
import { strings } from '../strings.ts';
import type { Alert, Characteristic, Histogram, Signal } from '../types.ts';

/** Everything about one characteristic: charts first, then proof, then history. */
export function CharacteristicPage({ id }: { id: string }) {
  const characteristic = useLive((state) => state.characteristics.get(id));
  const known = useLive((state) => state.plant !== null);
  if (characteristic === undefined) {
    return <p class="quiet">{known ? strings.characteristic.unknown : strings.loading}</p>;
  }
  return <Details characteristic={characteristic} />;
}

function Details({ characteristic: c }: { characteristic: Characteristic }) {
  const text = strings.characteristic;
  const path = `characteristics/${encodeURIComponent(c.id)}`;
  const slow = Math.floor(c.lastPointIndex / 5);
  const signals = useGet<Signal[]>(`${path}/signals?limit=50`, c.lastPointIndex);
  const histogram = useGet<Histogram>(`${path}/histogram`, slow);
  return (
    <>
      <Head characteristic={c} />
      <OwnAlerts id={c.id} />
      <Panel title={text.charts}>
        <ChartPanel characteristic={c} signals={signals.data ?? []} />
      </Panel>
      <div class="columns">
        <Panel title={text.histogram}>
          <Loading loaded={histogram}>
            {(data) => <HistogramChart histogram={data} characteristic={c} />}
          </Loading>
        </Panel>
        <Panel title={text.capability}>
          <CapabilityTable capability={c.capability} characteristic={c} />
        </Panel>
      </div>
      <div class="columns">
        <Panel title={text.signals}>
          <Loading loaded={signals}>
            {(data) => <SignalsTable signals={data} characteristic={c} />}
          </Loading>
        </Panel>
        <div>
          <Panel title={text.limits}>
            <LimitsHistory characteristic={c} />
          </Panel>
          <Panel title={text.reaction}>
            <p class="plan">{c.reactionPlan === '' ? text.noReaction : c.reactionPlan}</p>
          </Panel>
        </div>
      </div>
    </>
  );
}

function Head({ characteristic: c }: { characteristic: Characteristic }) {
  const text = strings.characteristic;
  const value = (v: number | null) => withUnit(v, c.decimals, c.unit);
  return (
    <section class={`head is-${c.status}`}>
      <p class="small">
        <a href="#/">← {text.back}</a>
      </p>
      <div class="head-row">
        <div>
          <h1>
            {c.name} <ClassMark name={c.class} />
          </h1>
          <p>
            <StatusWord status={c.status} />
          </p>
        </div>
        <p class="last big">
          {fixed(c.lastValue, c.decimals)} <span class="unit">{c.unit}</span>
          <br />
          <Age at={c.lastReadingAt} staleAfterMs={c.noDataAfterMs} />
        </p>
      </div>
      <Facts
        rows={[
          [text.nominal, value(c.nominal)],
          [text.tolerance, tolerance(c)],
          [text.machine, c.machine || strings.none],
          [text.part, c.part || strings.none],
          [text.sampling, c.sampling],
          [text.readings, count(c.readings)],
          [text.bad, count(c.badReadings)],
          [text.outside, count(c.outOfTolerance)],
        ]}
      />
    </section>
  );
}

/** Open alerts of this characteristic, one line each. */
function OwnAlerts({ id }: { id: string }) {
  const alerts = useLive((state) => state.alerts);
  const own = [...alerts.values()].filter((a) => a.subject === id && waiting(a));
  if (own.length === 0) return null;
  return (
    <ul class="own-alerts">
      {own.map((alert) => (
        <li key={alert.id} class={`is-${alert.severity}`}>
          <SeverityWord severity={alert.severity} />
          <a href={`#/alerts/${alert.id}`}>{alert.title}</a>
          {alert.reactionPlan !== '' && <p class="plan">{alert.reactionPlan}</p>}
        </li>
      ))}
    </ul>
  );
}

const waiting = (alert: Alert) => alert.state !== 'closed';
