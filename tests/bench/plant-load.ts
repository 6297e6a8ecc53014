import { createRandom } from '../../agent/plants/random.ts';

/** What one load looks like: so many stations in turn, so many readings in each message. */
export interface Load {
  /** first level of the topics: keeps the load of two subscribers apart */
  prefix: string;
  stations: number;
  messages: number;
  per: number;
  /** counter of the first reading of each station */
  from: number;
}

export const CENTER = 21.9835;
export const SIGMA = 0.0026;
export const START_MS = 1_767_225_600_000;
const NOISE = 65_536;

const noise = normals();

/** Values of a process in control, four decimals as a gauge gives them; made once. */
function normals(): Float64Array {
  const random = createRandom(20_260_201);
  return Float64Array.from({ length: NOISE }, () => {
    return Math.round((CENTER + SIGMA * random.normal()) * 1e4) / 1e4;
  });
}

/** Topic of a message of the load. */
export function topicOf(load: Load, message: number): string {
  return `${load.prefix}/s${message % load.stations}/result`;
}

/** One result with counter, time, value, part and serial, or an array of so many of them. */
export function payloadOf(load: Load, message: number): string {
  const first = load.from + Math.floor(message / load.stations) * load.per;
  if (load.per === 1) return item(message, first);
  const items = Array.from({ length: load.per }, (_, i) => item(message + i, first + i));
  return `[${items.join(',')}]`;
}

function item(at: number, seq: number): string {
  const od = (noise[(at * 31 + seq) % NOISE] as number).toFixed(4);
  return `{"seq":${seq},"ts":${START_MS + 20 * seq},"v":{"od":${od}},"part":"shaft","sn":"S${seq}"}`;
}

/** MQTT source that reads the load. */
export function sourceSettings(url: string, prefix: string, per: number): Record<string, unknown> {
  const topic = {
    topic: `${prefix}/{station}/result`,
    stream: '{station}',
    sequence: 'seq',
    time: { path: 'ts', unit: 'ms' },
    values: { '{station}.od': 'v.od' },
    ...(per === 1 ? { context: { part: 'part', serial: 'sn' } } : { items: '' }),
  };
  return { kind: 'mqtt', url, topics: [topic] };
}

/** A characteristic per station: subgroups of 5 and, when not told otherwise, X̄-R under Nelson. */
export function characteristicsOf(
  source: string,
  stations: number,
  charts: readonly string[] = ['xbar-r'],
): Record<string, unknown> {
  const one = (station: number) => ({
    name: `OD of station ${station}`,
    unit: 'mm',
    nominal: CENTER,
    lsl: CENTER - 6 * SIGMA,
    usl: CENTER + 6 * SIGMA,
    class: 'SC',
    resolution: 0.0001,
    decimals: 4,
    source,
    tag: `s${station}.od`,
    subgroup: { kind: 'by-count', size: 5 },
    charts: charts.map((kind) => ({ kind })),
    rules: 'nelson',
    limits: { kind: 'fixed', center: CENTER, sigma: SIGMA },
  });
  return Object.fromEntries(Array.from({ length: stations }, (_, i) => [`od-${i}`, one(i)]));
}
