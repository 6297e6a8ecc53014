import { readFileSync } from 'node:fs';
import type { Agent } from '../agent.ts';
import { messageOf } from '../runtime/errors.ts';
import { changesBetween, sayChanges } from '../settings/changes.ts';
import { readSettings, sayProblems } from '../settings/load.ts';
import type { Settings } from '../settings/schema.ts';
import { EXIT, type Terminal } from './command.ts';

/** What runs, and how it is started again. */
export interface Reloading {
  file: string;
  settings: Settings;
  start(settings: Settings): Promise<Agent>;
  terminal: Terminal;
  /** look at the file itself, besides being told to (SIGHUP) */
  watch: boolean;
}

const WATCH_EVERY_MS = 1000;

interface Now {
  agent: Agent;
  settings: Settings;
  end(code: number): void;
  ended: Promise<number>;
}

/**
 * Runs an agent until the end is asked for, and takes in new settings meanwhile: a file with a
 * mistake changes nothing and is told, a good one restarts only what it must.
 */
export async function runReloading(r: Reloading, agent: Agent): Promise<number> {
  let end: (code: number) => void = () => {};
  const ended = new Promise<number>((resolve) => {
    end = resolve;
  });
  const now: Now = { agent, settings: r.settings, end, ended };
  watchOver(now, agent);
  let last = Promise.resolve();
  let waiting = false;
  const ask = () => {
    // Asked again before the turn came: one reading of the file serves both.
    if (waiting) return;
    waiting = true;
    last = last.then(() => {
      waiting = false;
      return reload(r, now);
    });
  };
  const off = r.terminal.reloads?.(ask) ?? (() => {});
  const unwatch = r.watch ? watchFile(r.file, ask) : () => {};
  const code = await Promise.race([r.terminal.interrupted().then(() => EXIT.done), ended]);
  off();
  unwatch();
  await last;
  await now.agent.stop();
  return code;
}

function watchOver(now: Now, agent: Agent): void {
  void agent.failed.then(() => now.end(EXIT.foundWrong));
}

async function reload(r: Reloading, now: Now): Promise<void> {
  const { terminal } = r;
  const next = read(r);
  if (next === null) return;
  const wanted = changesBetween(now.settings, next);
  const said = sayChanges(wanted);
  if (said === '') {
    terminal.out(`${r.file}: nothing changed`);
    return;
  }
  if (wanted.rest.length === 0) await now.agent.reload(next);
  else if (!(await startAnew(r, now, next))) return;
  now.settings = next;
  terminal.out(`${r.file}: in force: ${said}`);
}

/** The checked settings of the file; null after telling why they cannot be used. */
function read({ file, terminal }: Reloading): Settings | null {
  try {
    const { settings, problems } = readSettings(readFileSync(file, 'utf8'), file, terminal.env);
    if (settings !== null) return settings;
    terminal.err(sayProblems(problems, file));
  } catch (error) {
    terminal.err(`${file}: cannot be read: ${messageOf(error)}`);
  }
  terminal.err(`${file}: not taken; the agent goes on with the settings it has`);
  return null;
}

/** Same store, same snapshot: what was acknowledged is there, what was not comes again. */
async function startAnew(r: Reloading, now: Now, next: Settings): Promise<boolean> {
  await now.agent.stop();
  try {
    now.agent = await r.start(next);
    watchOver(now, now.agent);
    return true;
  } catch (error) {
    r.terminal.err(`${r.file}: the agent does not start with it: ${messageOf(error)}`);
  }
  try {
    now.agent = await r.start(now.settings);
    watchOver(now, now.agent);
    r.terminal.err('the agent goes on with the settings it had');
  } catch (error) {
    r.terminal.err(`the agent does not start again either: ${messageOf(error)}`);
    now.end(EXIT.foundWrong);
  }
  return false;
}

/** By its contents: editors replace files, and network shares tell nobody. */
function watchFile(file: string, changed: () => void): () => void {
  const contents = () => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return '';
    }
  };
  let known = contents();
  let before = known;
  const timer = setInterval(() => {
    const text = contents();
    // Twice the same: it is not being written just now.
    const settled = text === before;
    before = text;
    if (text === known || text === '' || !settled) return;
    known = text;
    changed();
  }, WATCH_EVERY_MS);
  return () => clearInterval(timer);
}
