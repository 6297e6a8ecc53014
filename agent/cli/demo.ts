import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Agent } from '../agent.ts';
import { plants } from '../plants/index.ts';
import type { Plant } from '../plants/plant.ts';
import { createPlant } from '../plants/shell.ts';
import { parseDuration } from '../runtime/duration.ts';
import { InputError } from '../runtime/errors.ts';
import { readSettings, sayProblems } from '../settings/load.ts';
import { nearest } from '../settings/nearest.ts';
import type { Settings } from '../settings/schema.ts';
import type { Command, Terminal, Values } from './command.ts';
import { launch, untilDone } from './run.ts';
import { projectFile } from './version.ts';

const DEFAULT_SPEED = '60';
const INFLUX_DATABASE = 'meyar';

/** A demo plant, the agent and the console together. */
export const demo: Command = {
  summary: 'run a made-up plant with real servers, the agent and the console',
  usage: '[PLANT] [--speed N] [--for DURATION] [--port N] [--data DIR] [--seed N] [--json]',
  help: [
    `PLANT            ${Object.entries(plants)
      .map(([name, p]) => `${name}: ${p.title}`)
      .join('; ')}`,
    `--speed N        times faster than life (default ${DEFAULT_SPEED})`,
    '--for DURATION   end after this long, e.g. 60s (default: until Ctrl-C)',
    '--port N         port of the console (default 8080, 0 = any free one)',
    '--data DIR       keep the journal there (default: a temporary folder)',
    '--seed N         seed of the plant (default 1)',
    '--log LEVEL      debug, info, warn or error (default: error)',
    '--json           end with one object {readings, points, signals, alerts, missedParts, sinks}',
    '',
    'With INFLUX_URL set, results also go to that server: database INFLUX_DATABASE (meyar), or',
    'INFLUX_BUCKET with INFLUX_ORG and INFLUX_TOKEN for 2.x.',
  ],
  example: 'meyar demo P1 --speed 120 --for 60s --json',
  options: {
    speed: { type: 'string', default: DEFAULT_SPEED },
    for: { type: 'string' },
    port: { type: 'string', default: '8080' },
    data: { type: 'string' },
    seed: { type: 'string', default: '1' },
    log: { type: 'string', default: 'error' },
    json: { type: 'boolean' },
  },
  positionals: [0, 1],
  async run([name = 'P1'], values, terminal) {
    const kind = plants[name];
    if (kind === undefined) throw new InputError(unknownPlant(name));
    // Heard from now on: an end asked for during the start is an orderly one, too.
    void terminal.interrupted();
    const forMs = durationOf(values['for']);
    const plant = createPlant(kind.wiring, {
      seed: numberOf(values, 'seed', 0, 2 ** 32),
      speed: numberOf(values, 'speed', 0.01, 10_000),
      now: terminal.clock.now,
    });
    const temporary = values['data'] === undefined;
    const dataDir = temporary ? mkdtempSync(join(tmpdir(), 'meyar-demo-')) : String(values['data']);
    try {
      const addresses = await plant.start();
      await prepareInflux(terminal.env);
      const settings = settingsOf(kind.settings, addresses, values, terminal);
      const agent = await launch(settings, dataDir, String(values['log']), terminal);
      plant.produce();
      const greet = values['json'] === true ? terminal.err : terminal.out;
      greet(`Meyar demo: ${settings.plant.name}. Open ${agent.url} — Ctrl-C ends it.`);
      const result = resultOf(agent);
      const code = await untilDone(agent, enough(forMs, terminal));
      if (values['json'] === true) terminal.out(JSON.stringify(result()));
      else terminal.out(sentence(agent, plant));
      return code;
    } finally {
      await plant.stop();
      if (temporary) rmSync(dataDir, { recursive: true, force: true });
    }
  },
};

function unknownPlant(name: string): string {
  const close = nearest(name, Object.keys(plants));
  const hint = close ? `did you mean ${close}?` : `known: ${Object.keys(plants).join(', ')}`;
  return `meyar demo: there is no plant '${name}' — ${hint}`;
}

function durationOf(value: Values[string]): number | null {
  if (typeof value !== 'string') return null;
  const ms = parseDuration(value);
  if (ms === undefined) throw new InputError(`--for ${value}: write a duration such as 60s or 5m`);
  return ms;
}

function numberOf(values: Values, key: string, min: number, max: number): number {
  const value = Number(values[key]);
  if (Number.isFinite(value) && value >= min && value <= max) return value;
  throw new InputError(`--${key} ${String(values[key])}: a number from ${min} to ${max} is needed`);
}

/** The plant's settings file, filled with the addresses that its servers got. */
function settingsOf(
  fileName: string,
  addresses: Record<string, string>,
  values: Values,
  terminal: Terminal,
): Settings {
  const file = projectFile(`config/${fileName}`);
  const env = {
    ...terminal.env,
    ...addresses,
    MEYAR_PORT: String(numberOf(values, 'port', 0, 65535)),
  };
  let text = readFileSync(file, 'utf8');
  if (terminal.env['INFLUX_URL']) text = text.replace(/^sinks: \{\}$/m, influxSink(terminal.env));
  const { settings, problems } = readSettings(text, file, env);
  if (settings === null) throw new InputError(sayProblems(problems, file));
  return settings;
}

/** A sink for the server that the environment names: 2.x when it names a bucket, else 1.x. */
function influxSink(env: Terminal['env']): string {
  const wanted = env['INFLUX_BUCKET']
    ? ['api: v2', 'bucket: ${INFLUX_BUCKET}', 'org: "${INFLUX_ORG:-meyar}"']
    : ['api: v1', `database: "\${INFLUX_DATABASE:-${INFLUX_DATABASE}}"`];
  if (env['INFLUX_TOKEN']) wanted.push('token: ${INFLUX_TOKEN}');
  const lines = ['kind: influxdb', 'url: ${INFLUX_URL}', ...wanted].map((line) => `    ${line}`);
  return ['sinks:', '  influx:', ...lines, ''].join('\n');
}

/** A demo should need no preparation: makes the 1.x database; a server that refuses says so later. */
async function prepareInflux(env: Terminal['env']): Promise<void> {
  const url = env['INFLUX_URL'];
  if (!url || env['INFLUX_BUCKET']) return;
  const q = `CREATE DATABASE "${env['INFLUX_DATABASE'] ?? INFLUX_DATABASE}"`;
  const body = new URLSearchParams({ q });
  try {
    await fetch(new URL('query', `${url.replace(/\/$/, '')}/`), { method: 'POST', body });
  } catch {
    // The sink retries for ever and says on the page why it cannot write.
  }
}

async function enough(forMs: number | null, terminal: Terminal): Promise<void> {
  if (forMs === null) return terminal.interrupted();
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, forMs);
  });
  await Promise.race([over, terminal.interrupted()]);
  clearTimeout(timer);
}

/** What `--json` prints; read after the end, when everything on its way has arrived. */
function resultOf(agent: Agent): () => Record<string, unknown> {
  return () => {
    const f = agent.figures();
    const sinks = agent
      .sinks()
      .map((s) => [
        s.name,
        { written: s.rowsWritten, rejected: s.rowsRejected, behind: s.head - s.cursor },
      ]);
    return {
      readings: f.readings,
      points: f.points,
      signals: f.signals,
      alerts: f.alerts,
      missedParts: f.missedParts,
      sinks: Object.fromEntries(sinks),
    };
  };
}

function sentence(agent: Agent, plant: Plant): string {
  const f = agent.figures();
  return (
    `${plant.figures().parts} parts, ${f.readings} readings, ${f.points} points, ` +
    `${f.signals} signals, ${f.alerts} alerts, ${f.missedParts} missed parts`
  );
}
