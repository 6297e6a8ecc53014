import { useState } from 'preact/hooks';
import { ScrollTable } from '../components/facts.tsx';
import { ClassMark, Shape } from '../components/status.tsx';
import { bound, count, fixed, index, timeZoned, tolerance } from '../format.ts';
import { useLive } from '../hooks.ts';
import { strings } from '../strings.ts';
import type { Characteristic } from '../types.ts';

const text = strings.capabilities;
const VERDICTS = ['missed', 'unproven', 'undefined', 'met'] as const;
type Verdict = (typeof VERDICTS)[number];

const SHAPE: Record<Verdict, 'alarm' | 'warning' | 'stale' | 'ok'> = {
  missed: 'alarm',
  unproven: 'warning',
  undefined: 'stale',
  met: 'ok',
};

/** What suppliers are usually asked for; a contract may say otherwise, so the page says this. */
const TARGET_SPECIAL = 1.67;
const TARGET_OTHER = 1.33;
const targetOf = (c: Characteristic) => (c.class === 'none' ? TARGET_OTHER : TARGET_SPECIAL);

/** Every special characteristic on one page, worst first, ready for the printer. */
export function CapabilityPage() {
  const characteristics = useLive((state) => state.characteristics);
  const plant = useLive((state) => state.plant);
  const all = [...characteristics.values()];
  const special = all.filter((c) => c.class !== 'none');
  const [everything, setEverything] = useState(false);
  const shown = (everything ? all : special).toSorted(worstFirst);
  if (plant === null) return <p class="quiet">{strings.loading}</p>;
  return (
    <div class="capability-page">
      <div class="page-head">
        <h1>{text.title}</h1>
        <p class="quiet">{text.order}</p>
        <p class="segments no-print">
          <button type="button" aria-pressed={!everything} onClick={() => setEverything(false)}>
            {text.special} ({special.length})
          </button>
          <button type="button" aria-pressed={everything} onClick={() => setEverything(true)}>
            {text.all} ({all.length})
          </button>
          <button type="button" onClick={() => print()}>
            {text.print}
          </button>
        </p>
      </div>
      <p class="only-print">{text.stated(plant.name, timeZoned(plant.now), plant.version)}</p>
      {shown.length === 0 ? <p class="quiet">{text.none}</p> : <Table rows={shown} />}
      <p class="quiet small">
        {text.verdictHelp} {text.targets} {strings.capability.noSignificance}
      </p>
    </div>
  );
}

function Table({ rows }: { rows: Characteristic[] }) {
  return (
    <ScrollTable label={text.title} columns={text.columns}>
      {rows.map((c) => (
        <Row key={c.id} characteristic={c} />
      ))}
    </ScrollTable>
  );
}

function Row({ characteristic: c }: { characteristic: Characteristic }) {
  const { ppk, ppkLower95, cpk, cpkLower95, n, estimator, method, reason, note } = c.capability;
  const verdict = verdictOf(c);
  const names = text.columns;
  return (
    <tr>
      <th scope="row" class="words">
        <a href={`#/characteristic/${encodeURIComponent(c.id)}`}>{c.name}</a>{' '}
        <ClassMark name={c.class} />
        <br />
        <span class="quiet small">{[c.machine, c.part].filter((s) => s !== '').join(' · ')}</span>
      </th>
      <td data-label={names[1]} class="words whole">
        <span class={`status is-${SHAPE[verdict]}`}>
          <Shape name={SHAPE[verdict]} /> {text.verdicts[verdict]}
        </span>
        {note !== undefined && <span class="small"> {note}</span>}
        {reason !== null && <span class="small"> {reason}</span>}
        {c.status === 'alarm' && <span class="small"> {text.unstable}</span>}
      </td>
      <td data-label={names[2]}>
        <b>{ppkLower95 === null ? strings.none : `≥ ${bound(ppkLower95)}`}</b>
      </td>
      <td data-label={names[3]}>{fixed(targetOf(c), 2)}</td>
      <td data-label={names[4]}>{ppk === null ? strings.notDefined : index(ppk)}</td>
      <td data-label={names[5]}>
        {index(cpk)}{' '}
        <span class="whole-word">
          ({cpkLower95 === null ? strings.none : `≥ ${bound(cpkLower95)}`})
        </span>
      </td>
      <td data-label={names[6]}>{count(n)}</td>
      <td data-label={names[7]}>{tolerance(c)}</td>
      <td data-label={names[8]} class="words small whole">
        {[estimator, method].filter((s) => s !== '').join('; ')}
      </td>
    </tr>
  );
}

function verdictOf(c: Characteristic): Verdict {
  const { ppk, ppkLower95 } = c.capability;
  if (ppk === null) return 'undefined';
  if (ppkLower95 !== null && ppkLower95 >= targetOf(c)) return 'met';
  return ppk >= targetOf(c) ? 'unproven' : 'missed';
}

function worstFirst(a: Characteristic, b: Characteristic): number {
  const verdict = VERDICTS.indexOf(verdictOf(a)) - VERDICTS.indexOf(verdictOf(b));
  if (verdict !== 0) return verdict;
  const lower = (c: Characteristic) => c.capability.ppkLower95 ?? Number.POSITIVE_INFINITY;
  return lower(a) === lower(b) ? a.name.localeCompare(b.name) : lower(a) < lower(b) ? -1 : 1;
}
