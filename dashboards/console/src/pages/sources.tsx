import { Age } from '../components/age.tsx';
import { Facts, Loading, Panel, ScrollTable } from '../components/facts.tsx';
import { RejectedRows } from '../components/rejected-rows.tsx';
import { Shape } from '../components/status.tsx';
import { StoragePanel } from '../components/storage.tsx';
import { age, count, time } from '../format.ts';
import { useGet, useLive, useNow } from '../hooks.ts';
import { strings } from '../strings.ts';
import type { Gap, Sink, Source } from '../types.ts';

const text = strings.sources;
const REFRESH_MS = 5_000;

/** Where readings come from, where results go, and what never arrived. */
export function SourcesPage() {
  const changes = useLive((state) => state.sources);
  const beat = Math.floor(useNow() / REFRESH_MS);
  const version = `${changes}/${beat}`;
  const sources = useGet<Source[]>('sources', version);
  const sinks = useGet<Sink[]>('sinks', version);
  const gaps = useGet<Gap[]>('gaps?limit=50', changes);
  return (
    <>
      <div class="page-head">
        <h1>{text.title}</h1>
      </div>
      <h2 class="group">{text.sources}</h2>
      <Loading loaded={sources}>
        {(list) =>
          list.length === 0 ? (
            <p class="quiet">{text.noSources}</p>
          ) : (
            <div class="cards">
              {list.map((one) => (
                <SourceCard key={one.name} source={one} />
              ))}
            </div>
          )
        }
      </Loading>
      <h2 class="group">{text.sinks}</h2>
      <Loading loaded={sinks}>
        {(list) =>
          list.length === 0 ? (
            <p class="quiet">{text.noSinks}</p>
          ) : (
            <div class="cards">
              {list.map((one) => (
                <SinkCard key={one.name} sink={one} />
              ))}
            </div>
          )
        }
      </Loading>
      <StoragePanel />
      <Panel title={text.gaps}>
        <Loading loaded={gaps}>{(list) => <Gaps gaps={list} />}</Loading>
      </Panel>
    </>
  );
}

type State = Source['state'] | Sink['state'];

/** Links and sinks use the shapes of the statuses: ● well, ▲ working on it, ■ not working. */
const SHAPE_OF: Record<State, 'up' | 'degraded' | 'down' | 'stale'> = {
  up: 'up',
  connecting: 'degraded',
  degraded: 'degraded',
  retrying: 'degraded',
  held: 'down',
  down: 'down',
  stopped: 'stale',
};

function CardHead(props: { name: string; kind: string; state: State; detail: string }) {
  const { name, kind, state, detail } = props;
  return (
    <>
      <h3 class="card-head">
        {name} <span class="quiet">{kind}</span>
        <span class={`status is-${SHAPE_OF[state]}`}>
          <Shape name={SHAPE_OF[state]} /> {text.states[state]}
        </span>
      </h3>
      {detail !== '' && <p class="quiet">{detail}</p>}
    </>
  );
}

function SourceCard({ source }: { source: Source }) {
  const now = useNow();
  return (
    <section class={`panel card is-${SHAPE_OF[source.state]}`}>
      <CardHead {...source} />
      <Facts
        rows={[
          [text.data, <Age key="age" at={source.lastDataAt} />],
          [text.since, age(now - Date.parse(source.since))],
          ...Object.entries(source.counters).map(
            ([name, value]) => [spelled(name), count(value)] as [string, string],
          ),
        ]}
      />
      {source.parts.length > 0 && (
        <>
          <h4>{text.parts}</h4>
          <ul class="parts">
            {source.parts.map((part) => (
              <li key={part.name} class={`is-${SHAPE_OF[part.state]}`}>
                <Shape name={SHAPE_OF[part.state]} /> <b>{part.name}</b>{' '}
                <span class="quiet">
                  {text.states[part.state]}
                  {part.detail !== '' && `: ${part.detail}`}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function SinkCard({ sink }: { sink: Sink }) {
  const now = useNow();
  const behind = Math.max(0, sink.head - sink.cursor);
  const oldest =
    sink.oldestUnsentAt === null
      ? strings.none
      : strings.ago(age(now - Date.parse(sink.oldestUnsentAt)));
  return (
    <section class={`panel card is-${SHAPE_OF[sink.state]}`}>
      <CardHead {...sink} />
      <Facts
        rows={[
          [text.behind, behind === 0 ? text.upToDate : text.transactions(count(behind))],
          [text.oldest, oldest],
          [text.written, count(sink.rowsWritten)],
          [text.rejected, count(sink.rowsRejected)],
        ]}
      />
      {sink.kind !== 'reaction' && <RejectedRows sink={sink.name} rejected={sink.rowsRejected} />}
    </section>
  );
}

function Gaps({ gaps }: { gaps: Gap[] }) {
  const now = useNow();
  if (gaps.length === 0) return <p class="quiet">{text.noGaps}</p>;
  return (
    <ScrollTable label={text.gaps} columns={text.columns}>
      {gaps.map((gap) => (
        <tr key={`${gap.seq}-${gap.ordinal}`}>
          <td>{time(gap.at, now, false)}</td>
          <td>{gap.source}</td>
          <td>{gap.stream}</td>
          <td>{gap.from}</td>
          <td>{gap.to}</td>
          <td>{gap.missed}</td>
        </tr>
      ))}
    </ScrollTable>
  );
}

/** 'roundTripMs' is read as 'Round trip ms'. */
function spelled(name: string): string {
  const words = name.replace(/([A-Z])/g, ' $1').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
