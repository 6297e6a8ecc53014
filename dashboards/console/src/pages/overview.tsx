import { Shape, STATUS_ORDER } from '../components/status.tsx';
import { Tile } from '../components/tile.tsx';
import { useLive } from '../hooks.ts';
import { strings } from '../strings.ts';
import type { Characteristic } from '../types.ts';

/** All characteristics as tiles, worst first; the counts of the top bar lead to one status. */
export function OverviewPage({ only }: { only?: string | undefined }) {
  const characteristics = useLive((state) => state.characteristics);
  const known = useLive((state) => state.plant !== null);
  const filter = STATUS_ORDER.find((status) => status === only);
  const all = [...characteristics.values()].sort(worstFirst);
  const shown = filter === undefined ? all : all.filter((one) => one.status === filter);
  const text = strings.overview;
  return (
    <>
      <div class="page-head">
        <h1>{text.title}</h1>
        {filter === undefined ? (
          <p class="quiet">{text.order}</p>
        ) : (
          <p class={`is-${filter}`}>
            <Shape name={filter} /> {text.only(strings.status[filter])}{' '}
            <a href="#/">{text.showAll}</a>
          </p>
        )}
      </div>
      {!known && <p class="quiet">{strings.loading}</p>}
      {known && all.length === 0 && <p class="quiet">{text.empty}</p>}
      {all.length > 0 && shown.length === 0 && <p class="quiet">{text.none}</p>}
      <ul class="tiles">
        {shown.map((one) => (
          <li key={one.id}>
            <Tile characteristic={one} />
          </li>
        ))}
      </ul>
    </>
  );
}

/** Status first, then the lower bound of Ppk (none last), then the name so that ties stay put. */
function worstFirst(a: Characteristic, b: Characteristic): number {
  const status = STATUS_ORDER.indexOf(a.status) - STATUS_ORDER.indexOf(b.status);
  if (status !== 0) return status;
  const bound = (one: Characteristic) => one.capability.ppkLower95 ?? Number.POSITIVE_INFINITY;
  if (bound(a) !== bound(b)) return bound(a) < bound(b) ? -1 : 1;
  return a.name.localeCompare(b.name);
}
