import { useEffect, useRef } from 'preact/hooks';
import { Counts } from './components/counts.tsx';
import { age } from './format.ts';
import { useHash, useLive, useNow } from './hooks.ts';
import { AlertsPage } from './pages/alerts.tsx';
import { CharacteristicPage } from './pages/characteristic.tsx';
import { OverviewPage } from './pages/overview.tsx';
import { SourcesPage } from './pages/sources.tsx';
import { strings } from './strings.ts';

/** Frame of all pages: top bar, content, footer, and the place where news is announced. */
export function App() {
  const [page = '', id] = useHash();
  const content = useRef<HTMLElement>(null);
  const first = useRef(true);
  // A new page is a new text for people who hear it: put them at its start.
  // Runs when the page changes.
  useEffect(() => {
    if (!first.current) content.current?.focus({ preventScroll: true });
    if (!first.current) scrollTo(0, 0);
    first.current = false;
  }, [page, page === 'characteristic' ? id : '']);
  return (
    <>
      <button type="button" class="skip" onClick={() => content.current?.focus()}>
        {strings.skip}
      </button>
      <TopBar page={page} />
      <main id="main" ref={content} tabIndex={-1}>
        <Lost />
        <Page page={page} id={id} />
      </main>
      <Footer />
      <Announcer />
    </>
  );
}

function Page({ page, id }: { page: string; id: string | undefined }) {
  if (page === '') return <OverviewPage />;
  if (page === 'status') return <OverviewPage only={id} />;
  if (page === 'characteristic' && id !== undefined) return <CharacteristicPage key={id} id={id} />;
  if (page === 'alerts') return <AlertsPage id={id === undefined ? null : Number(id)} />;
  if (page === 'sources') return <SourcesPage />;
  return <h1>{strings.notFound}</h1>;
}

function TopBar({ page }: { page: string }) {
  const plant = useLive((state) => state.plant);
  const active = useLive((state) => [...state.alerts.values()].filter(isActive).length);
  const link = (to: string, text: string, number = 0) => (
    <a
      href={`#/${to}`}
      aria-current={page === to || (to === '' && page === 'status') ? 'page' : undefined}
    >
      {text}
      {number > 0 && <span class="number">{number}</span>}
    </a>
  );
  return (
    <header class="top">
      <div class="top-row">
        <a class="brand" href="#/" aria-label={`${strings.brand}, ${strings.nav.overview}`}>
          <img src="icon.svg" width="28" height="28" alt="" />
          <span class="brand-name">{strings.brand}</span>
        </a>
        {plant !== null && (
          <p class="plant">
            <strong>{plant.name}</strong> <span>{plant.site}</span>
          </p>
        )}
        <Connection />
      </div>
      <div class="top-row">
        <nav aria-label={strings.nav.label}>
          {link('', strings.nav.overview)}
          {link('alerts', strings.nav.alerts, active)}
          {link('sources', strings.nav.sources)}
        </nav>
        <Counts />
      </div>
    </header>
  );
}

const isActive = (alert: { state: string }) => alert.state !== 'closed';

function Connection() {
  const connection = useLive((state) => state.connection);
  return (
    <p class={`connection ${connection}`} role="status">
      <span class="dot" aria-hidden="true" />
      {strings.connection[connection]}
    </p>
  );
}

function Lost() {
  const connection = useLive((state) => state.connection);
  if (connection !== 'lost') return null;
  return <p class="banner lost">{strings.connection.lostLong}</p>;
}

function Footer() {
  const plant = useLive((state) => state.plant);
  const now = useNow();
  if (plant === null) return null;
  const up = age(now - Date.parse(plant.startedAt));
  return <footer>{strings.footer(plant.version, up)}</footer>;
}

/** New and changed alerts are said politely, whatever page is open. */
function Announcer() {
  const said = useLive((state) => state.said);
  return (
    <div class="hidden" aria-live="polite" id="announcer">
      {said}
    </div>
  );
}
