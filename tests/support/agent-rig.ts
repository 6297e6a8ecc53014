import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ModbusServer,
  putFloat,
  putUint32,
  startModbusServer,
} from '../../agent/plants/modbus-server.ts';
import { type AgentProcess, startAgentProcess } from '../chaos/agent-process.ts';

/** Waits until `condition` holds; fails with `what` after a minute, or after `patienceMs`. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  what: string,
  patienceMs = 60_000,
): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A PLC with one result block: part counter at 0, value at 6. */
export interface Plc {
  url: string;
  /** puts the next part into the block; returns its number */
  make(value: number): number;
  /** the serial number of the gauge, a uint16 at 12 */
  gauge(serial: number): void;
  made(): number;
  close(): Promise<void>;
}

export async function startPlc(): Promise<Plc> {
  const bank = new Uint16Array(64);
  const server: ModbusServer = await startModbusServer(new Map([[1, bank]]));
  let parts = 0;
  return {
    url: `tcp://127.0.0.1:${server.port}`,
    make(value) {
      parts += 1;
      putUint32(bank, 0, parts);
      putFloat(bank, 6, value);
      return parts;
    },
    gauge(serial) {
      bank[12] = serial;
    },
    made: () => parts,
    close: server.close,
  };
}

/** A folder with a settings file, and the agent in a process of its own. */
export interface AgentRig {
  folder: string;
  settingsFile: string;
  dataDir: string;
  start(): Promise<string>;
  end(signal: NodeJS.Signals): Promise<void>;
  /** GET of the running agent */
  get<T>(path: string): Promise<T>;
  post(path: string, body: unknown): Promise<Response>;
  /** readings taken in, as the agent counts them */
  readings(): Promise<number>;
  errors(): string;
  close(): Promise<void>;
}

export function agentRig(settings: string): AgentRig {
  const folder = mkdtempSync(join(tmpdir(), 'meyar-agent-'));
  const settingsFile = join(folder, 'plant.yaml');
  const dataDir = join(folder, 'data');
  writeFileSync(settingsFile, settings);
  let agent: AgentProcess | null = null;
  let url = '';
  return {
    folder,
    settingsFile,
    dataDir,
    async start() {
      agent = startAgentProcess(settingsFile, dataDir);
      url = await agent.url;
      return url;
    },
    async end(signal) {
      await agent?.kill(signal);
      agent = null;
    },
    get: async <T>(path: string) => (await (await fetch(url + path)).json()) as T,
    post: (path, body) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    async readings() {
      const text = await (await fetch(`${url}/metrics`)).text();
      return Number(/^meyar_readings_total (\d+)/m.exec(text)?.[1] ?? -1);
    },
    errors: () => agent?.errors() ?? '',
    async close() {
      await agent?.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
