import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from '../../agent/runtime/retry.ts';
import { STATIONS } from './load.ts';

export interface ScenarioOptions {
  seed: number;
  kills: number;
  /** the form that fits into minutes */
  short: boolean;
  /** simulated days, for what lasts as long */
  days?: number;
  /** simulated parts for each way in which a PLC shows them */
  parts?: number;
  /** one failure again: which image or call, and the recording that it was found in */
  cut?: number;
  recording?: string;
  /** the only one of `inParts` to run */
  part?: string;
  say(line: string): void;
}

export interface Scenario {
  name: string;
  /** independent parts of a long one: each runs in a process of its own, unless in its short form */
  inParts?: readonly string[];
  /** everything found wrong, in words; empty = passed */
  run(options: ScenarioOptions): Promise<string[]>;
}

const DRAIN_MS = 120_000;
const GAUGE = `  bore:
    name: Bore, read off by hand
    unit: mm
    lsl: 0
    usl: 100000
    source: people
    tag: bore
    charts: [{ kind: imr }]
    subgroup: { kind: by-count, size: 1 }
    limits: { kind: fixed, center: 500, sigma: 1000 }
    rules: nelson
    noDataAfter: 1h`;

/** Until the broker knows the subscription: what is published earlier nobody promised to keep. */
export async function subscribed(url: Promise<string>, what: string): Promise<void> {
  const address = await url;
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline) {
    const list = (await (await fetch(`${address}/api/sources`)).json()) as { state: string }[];
    if (list.every((s) => s.state === 'up')) return;
    await sleep(50);
  }
  throw new Error(`the agent (${what}) did not connect to the broker`);
}

/** Until the agent has counted every part; gives up when nothing moves any more. */
export async function drained(address: string, unique: number): Promise<void> {
  const deadline = Date.now() + DRAIN_MS;
  let last = -1;
  let still = 0;
  while (Date.now() < deadline && still < 50) {
    const list = (await (await fetch(`${address}/api/characteristics`)).json()) as {
      readings: number;
    }[];
    const readings = list.reduce((n, c) => n + c.readings, 0);
    if (readings >= unique) break;
    still = readings === last ? still + 1 : 0;
    last = readings;
    await sleep(100);
  }
  // A moment more, so that a part counted twice would show.
  await sleep(500);
}

const silentRow = (after: string) => `  e:
    name: Station e, which falls silent
    unit: mm
    source: load
    tag: e.v
    charts: [{ kind: imr }]
    subgroup: { kind: by-count, size: 1 }
    limits: { kind: fixed, center: 10, sigma: 0.1 }
    rules: nelson
    noDataAfter: ${after}`;

/**
 * Settings of an agent with four stations at the broker and, when asked for, a gauge that people
 * read off. Made up.
 */
export function writeSettings(
  folder: string,
  url: string,
  name: string,
  more: {
    gauge?: boolean;
    noDataAfter?: string;
    untimed?: boolean;
    silent?: string;
    root?: string;
  } = {},
): string {
  const charts: Record<string, string> = {
    a: 'charts: [{ kind: xbar-r }, { kind: ewma }, { kind: cusum }]\n    subgroup: { kind: by-count, size: 5 }\n    limits: { kind: fixed, center: 10, sigma: 0.1 }\n    rules: nelson',
    b: 'charts: [{ kind: xbar-s }]\n    subgroup: { kind: by-count, size: 4, every: 6 }\n    limits: { kind: baseline, subgroups: 25 }\n    rules: western-electric',
    c: 'charts: [{ kind: imr }]\n    subgroup: { kind: by-count, size: 1 }\n    limits: { kind: fixed, center: 10, sigma: 0.1 }\n    rules: aiag',
    d: 'charts: [{ kind: imr }, { kind: cusum }]\n    subgroup: { kind: by-count, size: 1 }\n    limits: { kind: baseline, subgroups: 100 }\n    rules: nelson',
  };
  const rows = STATIONS.map(
    (s) => `  ${s}:
    name: Station ${s}
    unit: mm
    lsl: 9.6
    usl: 10.4
    decimals: 3
    source: load
    tag: ${s}.v
    ${charts[s]}
    noDataAfter: ${more.noDataAfter ?? '1h'}`,
  );
  const file = join(folder, `${name}.yaml`);
  writeFileSync(
    file,
    `plant: { name: Chaos (made up), site: test }
console: { host: 127.0.0.1, port: 0 }
sources:
  load:
    kind: mqtt
    url: ${url}
    clientId: chaos-${name}
    # Runs that are compared hand over in minutes what came in hours: that is no flood here.
    flood: { messages: 1000000, bytes: 4000000000 }
    topics:
      - topic: ${more.root ?? 'chaos'}/{station}/result
        stream: "{station}"
        sequence: seq
${more.untimed === true ? '' : '        time: { path: ts, unit: ms }'}
        values: { "{station}.v": v }
        context: { serial: sn }
${more.gauge === true ? '  people: { kind: manual }' : ''}
characteristics:
${more.gauge === true ? GAUGE : ''}
${more.silent === undefined ? '' : silentRow(more.silent)}
${rows.join('\n')}
`,
  );
  return file;
}
