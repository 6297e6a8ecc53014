import { Shape } from '../components/status.tsx';
import { fixed, time, withUnit } from '../format.ts';
import { useNow } from '../hooks.ts';
import { markOf, ruleText } from '../rules.ts';
import { strings } from '../strings.ts';
import type { Characteristic, Point, Signal } from '../types.ts';

interface Context {
  characteristic: Characteristic;
  kind: string;
  signals: Signal[];
}

/** The point under the cursor in words; the newest one when there is no cursor. */
export function Readout({ point, characteristic, kind, signals }: Context & { point: Point }) {
  const now = useNow();
  const text = strings.chart;
  const { value, spread } = saidValues(point, characteristic, kind);
  return (
    <div class="readout">
      <p>
        <b>{text.point(point.index)}</b> <span>{time(point.at, now)}</span>{' '}
        {point.partSequence !== null && <span>{text.part(point.partSequence)}</span>}{' '}
        <span>{text.size(point.size)}</span>{' '}
        {point.limitsVersion > 0 && <span>{text.limitsVersion(point.limitsVersion)}</span>}
      </p>
      <p>
        <span class="value">{value}</span> {spread !== null && <span class="value">{spread}</span>}
      </p>
      <p class="broken">{brokenIn(point, signals)}</p>
    </div>
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
