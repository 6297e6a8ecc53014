import { usePoints } from '../chart/points.ts';
import { bound, fixed, index } from '../format.ts';
import { useLive, useSeen } from '../hooks.ts';
import { strings } from '../strings.ts';
import type { Characteristic } from '../types.ts';
import { Age } from './age.tsx';
import { Spark } from './spark.tsx';
import { ClassMark, StatusWord } from './status.tsx';

/** One characteristic at a glance; the whole tile leads to its charts. */
export function Tile({ characteristic: c }: { characteristic: Characteristic }) {
  const lost = useLive((state) => state.connection === 'lost');
  const [ref, seen] = useSeen<HTMLElement>();
  const { id, charts, lastPointIndex } = c;
  const chart = charts[0];
  const points = usePoints({ id, chart, limit: 40, lastPointIndex, seen, pauseMs: 2_000 });
  const text = strings.overview;
  return (
    <article class={`tile is-${c.status} ${lost ? 'unsure' : ''}`} ref={ref}>
      <div class="tile-top">
        <StatusWord status={c.status} />
        {c.openAlerts > 0 && <span class="badge">{strings.openAlerts(c.openAlerts)}</span>}
      </div>
      <h2>
        <a href={`#/characteristic/${encodeURIComponent(id)}`}>{c.name}</a>{' '}
        <ClassMark name={c.class} />
      </h2>
      <p class="quiet small">{[c.machine, c.part].filter((s) => s !== '').join(' · ')}</p>
      <div class="tile-middle">
        <p class="last" title={text.last}>
          {fixed(c.lastValue, c.decimals)} <span class="unit">{c.unit}</span>
        </p>
        <Spark points={points} label={text.spark(c.name)} />
      </div>
      <div class="tile-bottom">
        <Index characteristic={c} />
        <Age at={c.lastReadingAt} staleAfterMs={c.noDataAfterMs} />
      </div>
    </article>
  );
}

function Index({ characteristic: c }: { characteristic: Characteristic }) {
  const text = strings.overview;
  if (c.baselineRemaining > 0) return <span>{text.baseline(c.baselineRemaining)}</span>;
  const { ppk, ppkLower95, reason } = c.capability;
  if (ppk === null) return <span title={reason ?? ''}>Ppk {strings.notDefined}</span>;
  return (
    <span>
      Ppk <b>{index(ppk)}</b>{' '}
      <span class="quiet" title={text.boundTitle}>
        {text.bound(bound(ppkLower95))}
      </span>
    </span>
  );
}
