import { fixed, time } from '../format.ts';
import { useNow } from '../hooks.ts';
import { ruleLabel } from '../rules.ts';
import { strings } from '../strings.ts';
import type { Characteristic, Signal } from '../types.ts';
import { ScrollTable } from './facts.tsx';
import { Shape } from './status.tsx';

const SHOWN = 10;

/** The newest rule hits in words. */
export function SignalsTable(props: { signals: Signal[]; characteristic: Characteristic }) {
  const { signals, characteristic: c } = props;
  const now = useNow();
  const text = strings.signals;
  if (signals.length === 0) return <p class="quiet">{text.empty}</p>;
  return (
    <ScrollTable
      label={strings.characteristic.signals}
      columns={[text.time, text.rule, text.chart, text.point, text.value]}
    >
      {signals.slice(0, SHOWN).map((signal) => (
        <tr key={`${signal.seq}-${signal.ordinal}`}>
          <td>{time(signal.at, now, false)}</td>
          <td class={`words is-${signal.severity}`}>
            <Shape name={signal.severity} />{' '}
            <span class="plain">
              {signal.text} ({ruleLabel(signal.rule)})
              {signal.provisional && ` · ${text.provisional}`}
            </span>
          </td>
          <td>{strings.chart.kinds[signal.chart] ?? signal.chart}</td>
          <td>{signal.pointIndex}</td>
          <td>{fixed(signal.value, signal.chart === 'cusum' ? 2 : c.decimals + 1)}</td>
        </tr>
      ))}
    </ScrollTable>
  );
}
