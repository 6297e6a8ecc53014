import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = join(ROOT, 'dist/agent/main.js');
const TICKS_PER_SECOND = 100;
const POLL_MS = 50;
const GIVE_UP_MS = 120_000;

/** A whole agent in a process of its own, and what the system and its own page say of it. */
export interface AgentUnderTest {
  url: string;
  pid: number;
  /** ms from the start of the process until it said where its page is */
  startMs: number;
  metrics(): Promise<Map<string, number>>;
  /** CPU seconds so far, user and system, all threads */
  cpuSeconds(): number;
  rssMegabytes(): number;
  /** ends it and waits; the data folder stays until `remove` */
  stop(): Promise<void>;
}

/** A folder for settings and data of agents. */
export function benchFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'meyar-bench-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

let built = false;

/** What people install is JavaScript: the bench measures that, made from the sources of now. */
function build(): void {
  if (built) return;
  execFileSync(process.execPath, ['scripts/build-agent.mjs'], { cwd: ROOT, stdio: 'inherit' });
  built = true;
}

/** Starts `meyar run`; settings are written as JSON, which YAML takes. Node options come first. */
export async function startAgentUnderTest(
  folder: string,
  settings: Record<string, unknown>,
  nodeOptions: readonly string[] = (process.env['BENCH_NODE'] ?? '').split(' ').filter(Boolean),
): Promise<AgentUnderTest> {
  build();
  const file = join(folder, 'settings.yaml');
  writeFileSync(file, JSON.stringify(settings));
  const args = [MAIN, 'run', '-c', file, '--data', join(folder, 'data'), '--log', 'warn'];
  const begun = performance.now();
  const child = spawn(process.execPath, [...nodeOptions, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await said(child, /(http:\/\/\S+)/);
  const startMs = performance.now() - begun;
  const pid = child.pid ?? 0;
  return {
    url,
    pid,
    startMs,
    metrics: async () => parsed(await (await fetch(`${url}/metrics`)).text()),
    cpuSeconds: () => cpuSecondsOf(pid),
    rssMegabytes: () => rssMegabytesOf(pid),
    async stop() {
      if (child.exitCode !== null) return;
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** The first group of the first match in what a process writes. */
export function said(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (text: Buffer) => {
      output += text.toString();
      const found = pattern.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`the process ended with ${code}: ${output}`)));
  });
}

/** Asks again until the figures are as wanted. */
export async function untilMetrics(
  agent: AgentUnderTest,
  wanted: (figures: Map<string, number>) => boolean,
  everyMs = POLL_MS,
): Promise<Map<string, number>> {
  const end = performance.now() + GIVE_UP_MS;
  for (;;) {
    const figures = await agent.metrics();
    if (wanted(figures)) return figures;
    if (performance.now() > end) throw new Error('the agent did not get there in two minutes');
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** utime and stime of /proc/<pid>/stat (proc_pid_stat(5), fields 14 and 15), in seconds. */
export function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Resident memory in MB of 10⁶ bytes. */
export function rssMegabytesOf(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kilobytes) * 1024) / 1e6;
}

/** Samples of the Prometheus text by name with labels. */
function parsed(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const blank = line.lastIndexOf(' ');
      return [line.slice(0, blank), Number(line.slice(blank + 1))] as const;
    }),
  );
}
