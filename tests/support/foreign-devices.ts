import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A value of the device, as the settings of a tag name it. */
export interface ForeignField {
  table: 'holding' | 'input' | 'coil' | 'discrete';
  address: number;
  type: string;
  order?: string;
  bit?: number;
  bits?: string;
  byte?: string;
  value: number;
}

/** A record of 16 registers: counter (its own address), time, number at 6, text from 7. */
export interface ForeignRecord {
  table: 'holding' | 'input';
  address: number;
  clock: 'unix-s' | 'unix-ms' | 'bcd';
  order: string;
  packing: string;
  textOrder: string;
  text: string;
  ms: number;
}

/** A Modbus server that somebody else wrote, and what it says that it holds. */
export interface ForeignDevice {
  port: number;
  fields: ForeignField[];
  records: ForeignRecord[];
  stop(): void;
}

/** The unit id that pymodbus serves; libmodbus answers for every one. */
export const FOREIGN_UNIT = 7;

const support = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** pymodbus: a server of Debian's Python. */
export const startPymodbus = () =>
  started(spawn('/usr/bin/python3', [support('pymodbus_device.py')], { stdio: QUIET }), () => {});

/** libmodbus: a server in C, compiled now. */
export function startLibmodbus(): Promise<ForeignDevice> {
  const folder = mkdtempSync(join(tmpdir(), 'meyar-libmodbus-'));
  const program = join(folder, 'device');
  const source = support('libmodbus_device.c');
  const include = '-I/usr/include/modbus';
  execFileSync('gcc', ['-Wall', '-Werror', '-O1', include, source, '-o', program, '-lmodbus']);
  const child = spawn(program, [], { stdio: STDIO });
  return started(child, () => rmSync(folder, { recursive: true, force: true }));
}

/** pymodbus speaks of every client that leaves as of an error. */
const QUIET: ['pipe', 'pipe', 'ignore'] = ['pipe', 'pipe', 'ignore'];
const STDIO: ['pipe', 'pipe', 'inherit'] = ['pipe', 'pipe', 'inherit'];

async function started(child: ChildProcess, after: () => void): Promise<ForeignDevice> {
  let text = '';
  const said = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk;
      if (text.endsWith('\n')) resolve(text);
    });
    child.once('exit', (code) => reject(new Error(`the device ended with ${code}`)));
  });
  const { port, fields, records } = JSON.parse(said) as Omit<ForeignDevice, 'stop'>;
  const stop = () => {
    child.removeAllListeners('exit');
    child.stdin?.end();
    child.kill();
    after();
  };
  return { port, fields, records, stop };
}
