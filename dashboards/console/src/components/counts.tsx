import { useLive } from '../hooks.ts';
import { strings } from '../strings.ts';
import { Shape, STATUS_ORDER } from './status.tsx';

/** How many characteristics have each status, as shape, number and word. */
export function Counts() {
  const characteristics = useLive((state) => state.characteristics);
  if (characteristics.size === 0) return null;
  const all = [...characteristics.values()];
  return (
    <ul class="counts" aria-label={strings.counts}>
      {STATUS_ORDER.map((status) => {
        const n = all.filter((one) => one.status === status).length;
        return (
          <li key={status} class={n === 0 ? 'zero' : `is-${status}`}>
            <a href={`#/status/${status}`} title={strings.statusHelp[status]}>
              <Shape name={status} /> <b>{n}</b> {strings.status[status]}
            </a>
          </li>
        );
      })}
    </ul>
  );
}
