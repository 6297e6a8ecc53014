import { openAccounts, settingsHash, tell } from './accounts.ts';
import { createConsole } from './console/console.ts';
import type { ConsoleView } from './console/view.ts';
import type { CoreFigures } from './core/protocol.ts';
import { startJobs } from './jobs.ts';
import type { SinkHealth } from './model.ts';
import { type PartsOptions, startParts } from './parts.ts';
import { sinkHealth } from './parts-view.ts';
import { replaceParts } from './reload.ts';
import { within } from './runtime/retry.ts';
import type { Changes } from './settings/changes.ts';
import type { Settings } from './settings/schema.ts';
import { listen } from './wiring.ts';

const STOP_WITHIN_MS = 3000;
const BALANCE_EVERY_MS = 1000;

export interface AgentOptions extends PartsOptions {
  /** folder of the built page */
  assetsDir: string;
  /** file with the passwords that most people take (config/common-passwords.txt.gz) */
  commonPasswords?: string;
  /** told once a second how many readings came so far; it chooses between memory and speed */
  balance?: (readings: number, nowMs: number) => unknown;
}

export interface Agent {
  /** address of the console */
  url: string;
  view: ConsoleView;
  /** true while the console has no users */
  open(): boolean;
  figures(): CoreFigures;
  sinks(): SinkHealth[];
  /** resolves with the reason when the core ended by itself */
  failed: Promise<string>;
  /**
   * Puts changed sources, sinks and channels in place while the rest goes on. Changes nothing and
   * answers so when the change reaches further: then stop this agent and start another.
   */
  reload(next: Settings): Promise<Changes>;
  stop(): Promise<void>;
}

/** Starts a whole agent: store, core, sinks, channels, console, and the sources last. */
export async function startAgent(given: AgentOptions): Promise<Agent> {
  // A copy: its settings are replaced when a file is loaded again.
  const o = { ...given };
  const begun: (() => Promise<unknown>)[] = [];
  try {
    return await start(o, begun);
  } catch (error) {
    // What has begun would keep the process alive and the store locked.
    for (const end of begun.reverse()) await within(STOP_WITHIN_MS, end());
    throw error;
  }
}

async function start(o: AgentOptions, begun: (() => Promise<unknown>)[]): Promise<Agent> {
  const running = await startParts(o, begun);
  const { parts, view } = running;
  const page = createConsole({
    ...{ view, settings: o.settings.console, security: o.settings.security },
    ...{ log: o.log, clock: o.clock },
    ...{ dataDir: o.dataDir, assetsDir: o.assetsDir },
    ...(o.commonPasswords !== undefined && { commonPasswords: o.commonPasswords }),
    accounts: await openAccounts({ ...parts, dataDir: o.dataDir, log: o.log }),
  });
  begun.push(page.close);
  const url = await listen(page, o.settings.console);
  const { core } = parts;
  const { version: object } = o;
  void tell(core, o.log, 'agent-start', { object, after: settingsHash(o.settings) });
  running.begin();
  const jobs = startJobs({
    ...{ dataDir: o.dataDir, store: o.settings.store, clock: o.clock, log: o.log },
    ...{ upkeep: parts.upkeep, report: core.event },
  });
  const balance = setInterval(
    () => o.balance?.(parts.figures.readings, o.clock.monotonic()),
    BALANCE_EVERY_MS,
  );
  o.log.info('agent-ready', { url, replayed: parts.core.ready.replayed });
  return {
    url,
    view,
    open: page.open,
    failed: running.failed,
    figures: () => parts.figures,
    sinks: () => sinkHealth(parts),
    reload: (next) => replaceParts(o, parts, next),
    stop: () =>
      running.stop(async () => {
        jobs.stop();
        clearInterval(balance);
        await page.close();
        await tell(core, o.log, 'agent-stop', { object });
      }),
  };
}
