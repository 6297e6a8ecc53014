import { spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { type Agent, startAgent } from '../agent.ts';
import { codeFile, writeCode } from '../console/auth/code.ts';
import { InputError, messageOf } from '../runtime/errors.ts';
import { createLog } from '../runtime/log.ts';
import { createNotifier } from '../runtime/notify.ts';
import { balanceMemory } from '../runtime/small-memory.ts';
import { loadSettings } from '../settings/load.ts';
import type { Settings } from '../settings/schema.ts';
import { type Command, EXIT, type Terminal } from './command.ts';
import { runReloading } from './reload.ts';
import { projectFile, version } from './version.ts';

/** Runs the agent until it is told to stop. */
export const run: Command = {
  summary: 'run the agent with a settings file',
  usage: '-c FILE [--data DIR] [--log LEVEL] [--watch]',
  help: [
    '-c, --config FILE   the settings file (YAML)',
    '--data DIR          where the journal is kept (default: ./data)',
    '--log LEVEL         debug, info, warn or error (default: info); JSON lines on stderr',
    '--watch             take in the settings file again when it changes',
    '',
    'SIGHUP takes it in again at once. A file with a mistake changes nothing; otherwise only what',
    'changed begins anew: sources, sinks and channels one by one, the rest with the whole agent.',
  ],
  example: 'meyar run -c config/ravi-auto-shafts.yaml --data /var/lib/meyar',
  options: {
    config: { type: 'string', short: 'c' },
    data: { type: 'string', default: 'data' },
    log: { type: 'string', default: 'info' },
    watch: { type: 'boolean' },
  },
  positionals: [0, 0],
  async run(_positionals, values, terminal) {
    const file = values['config'];
    if (typeof file !== 'string') {
      terminal.err('meyar run: name a settings file with -c FILE');
      return EXIT.badInput;
    }
    // Heard from now on: an end asked for during the start is an orderly one, too.
    void terminal.interrupted();
    const settings = loadSettings(file, terminal.env);
    terminal.lastWords?.((error) => {
      const stack = error instanceof Error ? error.stack : undefined;
      createLog('error').error('agent-crashed', { message: messageOf(error), stack });
    });
    const start = (wanted: Settings) =>
      launch(wanted, String(values['data']), String(values['log']), terminal);
    const agent = await start(settings);
    const offer = agent.open() ? offerCode(String(values['data']), agent.url, terminal) : null;
    terminal.out(`meyar ${version()}: ${settings.plant.name}: ${agent.url}`);
    if (offer !== null) terminal.out(offer);
    const watch = values['watch'] === true;
    return runReloading({ file, settings, start, terminal, watch }, agent);
  },
};

/** One for the process, as its memory is. */
const balance = balanceMemory();
const END_WITHIN_MS = 10_000;

/** The code stays in its file: what a service prints ends in logs that others read. */
function offerCode(dataDir: string, url: string, terminal: Terminal): string {
  writeCode(dataDir, terminal.clock.now());
  return (
    'no users yet: the page is open on this machine. For the first administrator, take the code ' +
    `in ${codeFile(dataDir)} to ${url}/#/claim within 15 minutes (later: meyar user code)`
  );
}

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'];

/** A program whose end nobody waits for; that it is missing is seen by who needs it. */
function forget(program: string, args: readonly string[]): void {
  spawn(program, args, { stdio: 'ignore' })
    .on('error', () => {})
    .unref();
}

/** Makes the data folder and starts an agent in it. */
export async function launch(
  settings: Settings,
  dataDir: string,
  logLevel: string,
  terminal: Terminal,
): Promise<Agent> {
  if (!LEVELS.includes(logLevel)) {
    throw new InputError(`--log ${logLevel}: one of ${LEVELS.join(', ')} is needed`);
  }
  // Accounts and audit log are in there: files are for the agent's own user only.
  process.umask(0o077);
  makeFolder(dataDir);
  const agent = await startAgent({
    settings,
    dataDir,
    assetsDir: projectFile('dist/console'),
    commonPasswords: projectFile('config/common-passwords.txt.gz'),
    version: version(),
    clock: terminal.clock,
    random: Math.random,
    log: createLog(logLevel),
    balance,
    notify: createNotifier({ env: terminal.env, monotonic: terminal.clock.monotonic, run: forget }),
    pulse: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
  });
  void agent.failed.then(lastResort);
  return agent;
}

/** A thread that waits in the kernel for its disk cannot be ended from here: only the process can. */
function lastResort(why: string): void {
  if (!why.includes('no progress')) return;
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), END_WITHIN_MS).unref();
}

/** SQLite would say no more than that it cannot open its file. */
function makeFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new InputError(
      `the data folder ${dataDir} cannot be used: ${messageOf(error)} — name a folder ` +
        'that this user may write to with --data DIR',
    );
  }
}

/** Until the end is asked for, or the core ends by itself: then the exit code says so. */
export async function untilDone(agent: Agent, asked: Promise<void>): Promise<number> {
  const ended = await Promise.race([
    asked.then(() => null),
    agent.failed.then((message) => message),
  ]);
  await agent.stop();
  return ended === null ? EXIT.done : EXIT.foundWrong;
}
