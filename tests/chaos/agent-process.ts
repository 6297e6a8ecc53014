import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../agent/main.ts', import.meta.url));

/** Compiled code of all its threads: a start is mostly loading, and there are thousands of them. */
const CACHE = fileURLToPath(new URL('../../.cache/chaos', import.meta.url));

/** A real agent in a process of its own: the thing that is killed. */
export interface AgentProcess {
  /** address of the console, once the agent says that it is up */
  url: Promise<string>;
  kill(signal: NodeJS.Signals): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** true once the process is gone, by itself or killed */
  gone(): boolean;
  /** what it wrote on stderr, newest last, bounded */
  errors(): string;
  /** what it wrote on stdout */
  output(): string;
}

export function startAgentProcess(
  settingsFile: string,
  dataDir: string,
  { log = 'warn', env = process.env, node = [] as string[] } = {},
): AgentProcess {
  const args = [...node, MAIN, 'run', '-c', settingsFile, '--data', dataDir, '--log', log];
  const child: ChildProcess = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { NODE_COMPILE_CACHE: CACHE, ...env },
  });
  let errors = '';
  let output = '';
  child.stderr?.on('data', (text: Buffer) => {
    errors = (errors + text.toString()).slice(-20_000);
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (text: Buffer) => {
      output += text.toString();
      const found = /(http:\/\/\S+)/.exec(output);
      if (found?.[1]) resolve(found[1]);
    });
    void exited.then(() => reject(new Error(`the agent ended before it was up: ${errors}`)));
  });
  url.catch(() => {});
  return {
    url,
    async kill(signal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await exited;
    },
    signal: (signal) => void child.kill(signal),
    gone: () => child.exitCode !== null || child.signalCode !== null,
    errors: () => errors,
    output: () => output,
  };
}
