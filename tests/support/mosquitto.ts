import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

/** A real mosquitto on a loopback port of its own. */
export interface Mosquitto {
  readonly port: number;
  /** mqtt://127.0.0.1:port */
  readonly url: string;
  /** folder of its settings, log and persistence file */
  readonly folder: string;
  /** asks it to end (SIGTERM): it saves its sessions first when persistence is on */
  stop(): Promise<void>;
  /** SIGKILL, as in a power cut */
  kill(): Promise<void>;
  /** SIGSTOP and SIGCONT: a broker that is there and does not answer */
  freeze(): void;
  thaw(): void;
  /** starts it again on the same port with the same folder */
  start(): Promise<void>;
  /** other users and passwords, in force after the next start */
  setUsers(users: Record<string, string>): void;
  /** further lines of mosquitto.conf, in force after the next start */
  addConfig(lines: string[]): void;
  /** ends it and removes the folder */
  close(): Promise<void>;
}

export interface MosquittoOptions {
  /** keep sessions and messages on disk */
  persistence?: boolean;
  /** user names and passwords; anybody may connect when there are none */
  users?: Record<string, string>;
  /** messages kept for one client beyond those in flight; mosquitto's default is 1000, 0 = no limit */
  maxQueued?: number;
  /** messages in flight to one client; mosquitto's default is 20 */
  maxInflight?: number;
  /** further lines of mosquitto.conf */
  config?: string[];
}

/** Starts a broker and waits until it takes connections. */
export async function startMosquitto(options: MosquittoOptions = {}): Promise<Mosquitto> {
  const folder = mkdtempSync(join(tmpdir(), 'meyar-mosquitto-'));
  const port = await freePort();
  const file = join(folder, 'mosquitto.conf');
  writeFileSync(file, configOf(options, folder, port));
  let child: ChildProcess | null = null;

  const end = async (signal: NodeJS.Signals) => {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => running.once('exit', () => resolve()));
    running.kill(signal);
    await ended;
  };
  const broker: Mosquitto = {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    folder,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    async start() {
      if (child !== null) return;
      child = spawn('mosquitto', ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
      child.stderr?.on('data', (text: Buffer) => appendFileSync(join(folder, 'stderr'), text));
      await answering(port, child);
    },
    setUsers: (users) => writePasswords(folder, users),
    addConfig: (lines) => appendFileSync(file, `${lines.join('\n')}\n`),
    async close() {
      await end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await broker.start();
  return broker;
}

function configOf(options: MosquittoOptions, folder: string, port: number): string {
  const lines = [
    `listener ${port} 127.0.0.1`,
    'set_tcp_nodelay true',
    'log_dest none',
    // Without this a broker started by root changes to a user who may not write to the folder.
    'user root',
    `max_queued_messages ${options.maxQueued ?? 0}`,
    `allow_anonymous ${options.users === undefined}`,
  ];
  if (options.maxInflight !== undefined) {
    lines.push(`max_inflight_messages ${options.maxInflight}`);
  }
  if (options.persistence === true) {
    lines.push('persistence true', `persistence_location ${folder}/`);
    lines.push('autosave_on_changes true', 'autosave_interval 1');
  }
  if (options.users !== undefined) {
    writePasswords(folder, options.users);
    lines.push(`password_file ${join(folder, 'passwords')}`);
  }
  return [...lines, ...(options.config ?? []), ''].join('\n');
}

function writePasswords(folder: string, users: Record<string, string>): void {
  const file = join(folder, 'passwords');
  writeFileSync(file, '');
  for (const [name, password] of Object.entries(users)) {
    execFileSync('mosquitto_passwd', ['-b', file, name, password], { stdio: 'ignore' });
  }
}

async function answering(port: number, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 6000; tries += 1) {
    if (child.exitCode !== null) throw new Error(`mosquitto ended with ${child.exitCode}`);
    if (await accepts(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('mosquitto does not take connections');
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
