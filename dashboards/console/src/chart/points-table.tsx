import { useState } from 'preact/hooks';
import { ScrollTable } from '../components/facts.tsx';
import { fixed, time } from '../format.ts';
import { useNow } from '../hooks.ts';
import { ruleText } from '../rules.ts';
import { strings } from '../strings.ts';
import type { Point, Signal } from '../types.ts';

const PAGE = 25;

/** The points as a table, newest first: the same data for people who cannot see the chart. */
export function PointsTable(props: { points: Point[]; signals: Signal[]; decimals: number }) {
  const { points, signals, decimals } = props;
  const [page, setPage] = useState(0);
  const now = useNow();
  const text = strings.chart;
  const pages = Math.max(1, Math.ceil(points.length / PAGE));
  const shown = points.toReversed().slice(page * PAGE, (page + 1) * PAGE);
  const rules = (ids: string[]) => ids.map((id) => ruleText(id, signals)).join('; ');
  return (
    <div class="points-table">
      <ScrollTable label={strings.characteristic.charts} columns={text.columns}>
        {shown.map((point) => (
          <tr key={point.index}>
            <th scope="row">{point.index}</th>
            <td>{time(point.at, now)}</td>
            <td>{fixed(point.value, decimals + 1)}</td>
            <td>{fixed(point.lcl, decimals + 1)}</td>
            <td>{fixed(point.cl, decimals + 1)}</td>
            <td>{fixed(point.ucl, decimals + 1)}</td>
            <td class="words">{rules(point.rules)}</td>
            <td>{fixed(point.spread, decimals + 1)}</td>
            <td class="words">{rules(point.spreadRules)}</td>
          </tr>
        ))}
      </ScrollTable>
      <p class="pager">
        <button type="button" disabled={page === 0} onClick={() => setPage(page - 1)}>
          {text.newer}
        </button>
        <span>{text.page(page + 1, pages)}</span>
        <button type="button" disabled={page >= pages - 1} onClick={() => setPage(page + 1)}>
          {text.older}
        </button>
      </p>
    </div>
  );
}
