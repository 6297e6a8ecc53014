import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Console, type ConsoleOptions, createConsole } from '../../agent/console/console.ts';
import type { LiveOptions } from '../../agent/console/live.ts';
import { consoleSettings, securitySettings } from '../../agent/console/settings.ts';
import type { AccountStore, ConsoleView } from '../../agent/console/view.ts';
import { type Clock, systemClock } from '../../agent/runtime/clock.ts';
import type { Log } from '../../agent/runtime/log.ts';
import { fakeAccounts } from '../support/fake-accounts.ts';

export interface Entry {
  level: string;
  event: string;
  fields: Record<string, unknown>;
}

/** A log that keeps what was said. */
export function recordingLog(): Log & { entries: Entry[] } {
  const entries: Entry[] = [];
  const at =
    (level: string) =>
    (event: string, fields: Record<string, unknown> = {}) => {
      entries.push({ level, event, fields });
    };
  const log = {
    entries,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => log,
  };
  return log;
}

/** A console on any free port over a view, with an empty assets folder unless one is given. */
export function testConsole(
  view: ConsoleView,
  more: {
    settings?: object;
    security?: object;
    assetsDir?: string;
    live?: Omit<LiveOptions, 'view' | 'log'>;
    limits?: ConsoleOptions['limits'];
    log?: Log;
    accounts?: AccountStore;
    clock?: Clock;
    dataDir?: string;
  } = {},
): Console {
  const settings = consoleSettings.parse({ port: 0, ...more.settings });
  return createConsole({
    view,
    settings,
    security: securitySettings.parse(more.security ?? {}),
    log: more.log ?? recordingLog(),
    assetsDir: more.assetsDir ?? mkdtempSync(join(tmpdir(), 'meyar-page-')),
    accounts: more.accounts ?? fakeAccounts(),
    clock: more.clock ?? systemClock,
    dataDir: more.dataDir ?? mkdtempSync(join(tmpdir(), 'meyar-data-')),
    ...(more.limits === undefined ? {} : { limits: more.limits }),
    ...(more.live === undefined ? {} : { live: more.live }),
  });
}
