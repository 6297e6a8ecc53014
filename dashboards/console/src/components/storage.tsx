import { age, count } from '../format.ts';
import { useGet, useLive, useNow } from '../hooks.ts';
import { strings } from '../strings.ts';
import type { Storage } from '../types.ts';
import { Facts, Loading, Panel } from './facts.tsx';
import { Shape } from './status.tsx';

const text = strings.storage;
const REFRESH_MS = 30_000;

function useStorage() {
  const changes = useLive((state) => state.sources);
  const beat = Math.floor(useNow() / REFRESH_MS);
  return useGet<Storage>('storage', `${changes}/${beat}`);
}

/** What nobody may overlook, above every page: what is measured now may not be kept. */
export function StorageBanner() {
  const { data } = useStorage();
  const now = useNow();
  if (data === null) return null;
  const told = warningsOf(data, now);
  return (
    <>
      {told.map(({ severity, words }) => (
        <p key={words} class={`banner is-${severity}`} role="status">
          <Shape name={severity} /> {words} <a href="#/sources">{text.title}</a>
        </p>
      ))}
    </>
  );
}

interface Warning {
  severity: 'alarm' | 'warning';
  words: string;
}

function warningsOf({ disk, check, backup, sync }: Storage, now: number): Warning[] {
  const out: Warning[] = [];
  if (disk?.full) out.push({ severity: 'alarm', words: text.full });
  else if (disk?.low) out.push({ severity: 'warning', words: text.low(size(disk.freeBytes)) });
  if (check !== null && !check.ok) out.push({ severity: 'alarm', words: text.damaged });
  if (backup.overdue && backup.lastAt !== null) {
    const words = text.overdue(age(now - Date.parse(backup.lastAt)));
    out.push({ severity: 'warning', words });
  }
  if (sync.slow) out.push({ severity: 'warning', words: text.slow(count(Math.round(sync.p99Ms))) });
  return out;
}

/** Disk, backup, whole check, speed and clock. */
export function StoragePanel() {
  const loaded = useStorage();
  const now = useNow();
  const ago = (iso: string) => strings.ago(age(now - Date.parse(iso)));
  return (
    <Panel title={text.title}>
      <Loading loaded={loaded}>
        {({ disk, backup, check, sync, clock }) => (
          <Facts
            rows={[
              [text.disk, disk === null ? strings.none : text.free(size(disk.freeBytes))],
              [text.backup, sayBackup(backup, ago)],
              [text.check, sayCheck(check, ago)],
              [text.sync, `${count(Math.round(sync.p99Ms))} ms`],
              [text.clock, sayClock(clock)],
            ]}
          />
        )}
      </Loading>
    </Panel>
  );
}

type Ago = (iso: string) => string;

function sayBackup({ wanted, lastAt }: Storage['backup'], ago: Ago): string {
  if (lastAt !== null) return ago(lastAt);
  return wanted ? text.noBackup : text.notWanted;
}

function sayCheck(check: Storage['check'], ago: Ago): string {
  if (check === null) return text.notChecked;
  return check.ok ? text.sound(ago(check.at)) : text.found(check.found[0] ?? '');
}

function sayClock({ steps, ms }: Storage['clock']): string {
  if (steps === 0) return text.noSteps;
  const total = Math.abs(ms) < 1000 ? `${Math.abs(Math.round(ms))} ms` : age(Math.abs(ms));
  return text.steps(steps, `${ms < 0 ? '−' : '+'}${total}`);
}

/** '21.4 GB' */
function size(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return `${Math.round(bytes / 1e6)} MB`;
}
