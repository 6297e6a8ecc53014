import { useEffect, useState } from 'preact/hooks';
import { get } from '../api.ts';
import { Shape } from '../components/status.tsx';
import { fixed, timeZoned, withUnit } from '../format.ts';
import { markOf, ruleText } from '../rules.ts';
import { strings } from '../strings.ts';
import type { Characteristic, Occasion, Point, Signal } from '../types.ts';
import { type Flag, LETTERS } from './happened.ts';

/** A cursor that only passes by asks for nothing. */
const REST_MS = 200;

interface Context {
  characteristic: Characteristic;
  kind: string;
  signals: Signal[];
}

interface Props extends Context {
  point: Point;
  happened: Flag[];
}

/** All about the point under the cursor in words; the newest one when there is no cursor. */
export function Readout({ point, happened, characteristic, kind, signals }: Props) {
  const text = strings.chart;
  const { value, spread } = saidValues(point, characteristic, kind);
  const limit = (v: number | null) => fixed(v, characteristic.decimals + 1);
  return (
    <div class="readout">
      <p>
        <b>{text.point(point.index)}</b> <span>{timeZoned(point.at)}</span>{' '}
        {point.partSequence !== null && <span>{text.part(point.partSequence)}</span>}{' '}
        <span>{text.size(point.size)}</span>{' '}
        {point.limitsVersion > 0 && <span>{text.limitsVersion(point.limitsVersion)}</span>}
      </p>
      <p>
        <span class="value">{value}</span> {spread !== null && <span class="value">{spread}</span>}
      </p>
      <p>
        <span>
          {text.lcl} {limit(point.lcl)} · {text.cl} {limit(point.cl)} · {text.ucl}{' '}
          {limit(point.ucl)}
        </span>
        {point.z !== null && <span>{text.sigmas(fixed(point.z, 1))}</span>}
      </p>
      <Made point={point} id={characteristic.id} />
      <p class="broken">{brokenIn(point, signals)}</p>
      {happened.length > 0 && (
        <ul class="happened">
          {happened.slice(-3).map((flag) => (
            <li key={`${flag.kind}${flag.atMs}${flag.text}`}>
              <i class="letter" aria-hidden="true">
                {LETTERS[flag.kind]}
              </i>{' '}
              {sayFlag(flag)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** 'Tool change: insert 8 (A. Khan)' */
export const sayFlag = ({ kind, text }: Flag): string => `${strings.flags.kinds[kind]}: ${text}`;

/** Part, serial, lot, tool and whatever else came with the last reading of the point. */
function Made({ point, id }: { point: Point; id: string }) {
  const [said, setSaid] = useState<{ seq: number; made: Occasion } | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    const path = `characteristics/${encodeURIComponent(id)}/occasion`;
    const timer = setTimeout(() => {
      get<Occasion>(`${path}?seq=${point.seq}&at=${point.at}`, abort.signal).then(
        (made) => setSaid({ seq: point.seq, made }),
        () => {},
      );
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [point.seq, point.at, id]);
  const made = said?.seq === point.seq ? said.made : null;
  const pairs = Object.entries(made?.context ?? {}).slice(0, 12);
  return (
    <p class="made">
      {made?.context === null && <span class="quiet">{strings.flags.forgotten}</span>}
      {pairs.map(([name, value]) => (
        <span key={name}>
          <span class="quiet">{name}</span> {value}
        </span>
      ))}
    </p>
  );
}

/** The same as one sentence, for people who hear the page. */
export function sayPoint(point: Point, context: Context): string {
  const { value, spread } = saidValues(point, context.characteristic, context.kind);
  const rules = [...new Set([...point.rules, ...point.spreadRules])];
  const broken = rules.map((id) => ruleText(id, context.signals)).join('; ');
  const parts = [
    strings.chart.point(point.index),
    value,
    ...(spread === null ? [] : [spread]),
    broken === '' ? strings.chart.noRule : broken,
    ...(point.phase === 1 ? [strings.chart.learning] : []),
  ];
  return parts.join(', ');
}

function saidValues(point: Point, { decimals, unit }: Characteristic, kind: string) {
  const sums = kind === 'cusum';
  const say = (value: number) => (sums ? fixed(value, 2) : withUnit(value, decimals + 1, unit));
  const [first, second] = sums ? ['C+ ', 'C− '] : ['', SYMBOL[kind] ?? ''];
  return {
    value: `${first}${say(point.value)}`,
    spread: point.spread === null ? null : `${second}${say(point.spread)}`,
  };
}

const SYMBOL: Record<string, string> = { 'xbar-r': 'R ', 'xbar-s': 's ', imr: 'MR ' };

function brokenIn(point: Point, signals: Signal[]) {
  const rules = [...new Set([...point.rules, ...point.spreadRules])];
  if (rules.length === 0) return <span class="quiet">{strings.chart.noRule}</span>;
  return rules.map((id) => (
    <span key={id} class="rule">
      <Shape name={markOf([id]) === 'square' ? 'alarm' : 'warning'} /> {ruleText(id, signals)}
    </span>
  ));
}
