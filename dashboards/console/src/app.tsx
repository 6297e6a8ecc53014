import { useEffect, useRef } from 'preact/hooks';
import { Counts } from './components/counts.tsx';
import { StorageBanner } from './components/storage.tsx';
import { age } from './format.ts';
import { useHash, useLive, useNow } from './hooks.ts';
import { AccountPage } from './pages/account.tsx';
import { AlertsPage } from './pages/alerts.tsx';
import { AuditPage } from './pages/audit.tsx';
import { CapabilityPage } from './pages/capability.tsx';
import { CharacteristicPage } from './pages/characteristic.tsx';
import { EntryPage } from './pages/entry.tsx';
import { ClaimPage, LoginPage } from './pages/login.tsx';
import { OverviewPage } from './pages/overview.tsx';
import { SourcesPage } from './pages/sources.tsx';
import { StationPage } from './pages/station.tsx';
import { UsersPage } from './pages/users.tsx';
import { may, useMe } from './session.ts';
import { strings } from './strings.ts';
import type { Me } from './types.ts';

/** Frame of all pages: top bar, content, footer, and the place where news is announced. */
export function App() {
  const [page = '', id] = useHash();
  const content = useRef<HTMLElement>(null);
  const first = useRef(true);
  const me = useMe();
  // A screen at a station shows that station and nothing else.
  const kiosk = page === 'station' && id !== undefined && me?.role != null;
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
      {!kiosk && <TopBar page={page} />}
      <main id="main" ref={content} tabIndex={-1}>
        {!kiosk && <Lost />}
        {!kiosk && me?.role != null && <StorageBanner />}
        {me !== null && page !== 'account' && <ToDo me={me} />}
        <Page page={page} id={id} />
      </main>
      {!kiosk && <Footer />}
      <Announcer />
    </>
  );
}

function Page({ page, id }: { page: string; id: string | undefined }) {
  const me = useMe();
  if (me === null) return <p class="quiet">{strings.loading}</p>;
  if (page === 'claim') return <ClaimPage />;
  if (me.role === null) return <LoginPage />;
  if (page === '') return <OverviewPage />;
  if (page === 'status') return <OverviewPage only={id} />;
  if (page === 'characteristic' && id !== undefined) return <CharacteristicPage key={id} id={id} />;
  if (page === 'alerts') return <AlertsPage id={id === undefined ? null : Number(id)} />;
  if (page === 'sources') return <SourcesPage />;
  if (page === 'capability') return <CapabilityPage />;
  if (page === 'entry') return <EntryPage key={id} id={id} />;
  if (page === 'station') return <StationPage machine={id} />;
  if (page === 'audit') return <AuditPage />;
  if (page === 'users') return <UsersPage />;
  if (page === 'account') return <AccountPage me={me} />;
  return <h1>{strings.notFound}</h1>;
}

function TopBar({ page }: { page: string }) {
  const plant = useLive((state) => state.plant);
  const me = useMe();
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
        {me?.role != null && <Connection />}
        <WhoAmI />
      </div>
      {me?.role != null && <Navigation page={page} />}
    </header>
  );
}

function Navigation({ page }: { page: string }) {
  const me = useMe();
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
    <div class="top-row">
      <nav aria-label={strings.nav.label}>
        {link('', strings.nav.overview)}
        {link('alerts', strings.nav.alerts, active)}
        {link('capability', strings.nav.capability)}
        {mayEnter() && link('entry', strings.nav.entry)}
        {link('station', strings.nav.station)}
        {link('sources', strings.nav.sources)}
        {may('GET /api/audit') && link('audit', strings.nav.audit)}
        {(may('GET /api/users') || me?.mode === 'open') && link('users', strings.nav.users)}
      </nav>
      <Counts />
    </div>
  );
}

const mayEnter = () => may('POST /api/readings') || may('POST /api/events');

const isActive = (alert: { state: string }) => alert.state !== 'closed';

/** Who sits here, with the way out behind it. */
function WhoAmI() {
  const me = useMe();
  if (me === null || me.role === null) return null;
  const text = strings.people;
  if (me.mode === 'open') return <p class="who quiet">{text.open}</p>;
  return (
    <p class="who">
      <a href="#/account">
        {me.name} <span class="quiet">{text.roles[me.role]}</span>
      </a>
    </p>
  );
}

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

/** What somebody has to do before the rights of the role are there. */
function ToDo({ me }: { me: Me }) {
  const text = strings.people;
  if (!me.initialPassword && !me.secondFactor.lacking) return null;
  const [what, link] = me.initialPassword
    ? [text.account.initial, text.account.change]
    : [text.factor.banner, text.factor.setUp];
  return (
    <p class="banner">
      {what} <a href="#/account">{link}</a>
    </p>
  );
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
