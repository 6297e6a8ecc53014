import { InputError } from '../runtime/errors.ts';
import { shortest } from '../runtime/shortest.ts';
import type { Table } from '../sources/modbus/plan.ts';
import { type ProbeResult, probe as probeModbus } from '../sources/modbus/probe.ts';
import { parseTarget } from '../sources/modbus/transport/target.ts';
import { BROKER_HELP, BROKER_OPTIONS } from './broker-listen.ts';
import { type Command, EXIT, type Terminal, type Values } from './command.ts';
import { numberOption, oneOf } from './options.ts';
import { probeMqtt } from './probe-mqtt.ts';

const TABLES: readonly Table[] = ['holding', 'input', 'coil', 'discrete'];

/** Looks at a device nobody has described. */
export const probe: Command = {
  summary: 'look at a device or broker: registers or topics, speed, limits',
  usage:
    'modbus URL [--unit N] [--address A] [--count N] [--table T] [--timeout MS] [--json]\n' +
    '       meyar probe mqtt URL [--for 30s] [--topic FILTER] [--username NAME …] [--json]',
  help: [
    'URL            tcp://host:port, rtu+tcp://host:port, rtu:///dev/ttyUSB0?baud=19200 …',
    '--unit N       unit id (default: 1)         --table T    holding, input, coil, discrete',
    '--address A    first address, from 0        --count N    registers to show (default: 16)',
    '--timeout MS   longest wait for an answer (default: 1000)',
    '--json         everything that was found, the last frames included',
    '',
    'mqtt URL       mqtt://host:port, mqtts:// (TLS), ws:// or wss://: topics with rates, sizes and',
    '               what stands in them, retained messages, round trip, limits of the broker',
    ...BROKER_HELP,
    '',
    'Nothing is written to the device, nothing is published. A * marks floats that look like',
    'something measured.',
  ],
  example: 'meyar probe modbus tcp://192.168.0.10 --unit 1 --address 0 --count 20',
  options: {
    ...BROKER_OPTIONS,
    unit: { type: 'string' },
    address: { type: 'string' },
    count: { type: 'string' },
    table: { type: 'string' },
    timeout: { type: 'string' },
    json: { type: 'boolean' },
  },
  positionals: [2, 2],
  async run([kind = '', url = ''], values, terminal) {
    if (kind === 'mqtt') return probeMqtt(url, values, terminal);
    if (kind !== 'modbus') throw new InputError(`probe ${kind}: there are modbus and mqtt`);
    const target = parseTarget(url);
    if (typeof target === 'string') throw new InputError(`${url}: ${target}`);
    const address = whole(values, 'address', 0, 0, 65_535);
    const result = await probeModbus({
      target,
      unit: whole(values, 'unit', 1, 0, 255),
      table: oneOf(values, 'table', TABLES, 'holding'),
      address,
      count: Math.min(whole(values, 'count', 16, 1, 1000), 65_536 - address),
      timeoutMs: whole(values, 'timeout', 1000, 10, 60_000),
      clock: terminal.clock,
      random: Math.random,
    });
    if (values['json'] === true) terminal.out(JSON.stringify({ url, address, ...result }));
    else print(address, result, terminal);
    return result.roundTripMs === null ? EXIT.foundWrong : EXIT.done;
  },
};

function whole(v: Values, name: string, fallback: number, low: number, high: number): number {
  const value = numberOption(v, name) ?? fallback;
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw new InputError(`--${name} ${value}: a whole number from ${low} to ${high}`);
}

function print(address: number, result: ProbeResult, terminal: Terminal): void {
  const answers = Object.entries(result.tables).map(([table, text]) => `${table} ${text}`);
  terminal.out(`at address ${address}: ${answers.join(', ')}`);
  const rtt = result.roundTripMs;
  terminal.out(
    rtt === null
      ? 'no answer at all: check unit, address and wiring'
      : `round trip ${rtt.median.toFixed(1)} ms (${rtt.min.toFixed(1)} to ${rtt.max.toFixed(1)})`,
  );
  terminal.out(`longest request that is answered: ${result.largestBlock ?? 'none'}`);
  if (result.usefulDepth !== null) {
    const rates = result.ratePerSecond.map((r) => `${r.depth}: ${Math.round(r.perSecond)}/s`);
    terminal.out(`useful depth ${result.usefulDepth} (${rates.join(', ')})`);
  }
  if (result.registers.length === 0) return;
  const orders = ['ABCD', 'CDAB', 'BADC', 'DCBA'];
  const heads = orders.map((order) => `float32 ${order}`.padStart(15));
  terminal.out(`${'address'.padStart(7)} ${'hex'.padStart(5)} uint16  int16 text${heads.join('')}`);
  for (const [i, row] of result.registers.entries()) {
    const at = String(address + i).padStart(7);
    if (row === null) {
      terminal.out(`${at}  refused`);
      continue;
    }
    const floats = orders.map((order) => {
      const found = row.wide.find((w) => w.type === 'float32' && w.order === order);
      const text = found?.value === undefined || found.value === null ? '-' : short(found.value);
      return `${text}${found?.plausible ? '*' : ' '}`.padStart(15);
    });
    const numbers = `${String(row.uint16).padStart(6)} ${String(row.int16).padStart(6)}`;
    terminal.out(`${at}  ${row.hex} ${numbers}   ${row.text}${floats.join('')}`);
  }
}

/** What is too long for its column is written with a power. */
function short(value: number): string {
  const plain = shortest(value, 32);
  return plain.length > 12 ? value.toExponential(5) : plain;
}
