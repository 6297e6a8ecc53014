import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Agent } from '../agent.ts';
import { plants } from '../plants/index.ts';
import type { Plant } from '../plants/plant.ts';
import { parseDuration } from '../runtime/duration.ts';
import { InputError } from '../runtime/errors.ts';
import { readSettings, sayProblems } from '../settings/load.ts';
import { nearest } from '../settings/nearest.ts';
import type { Settings } from '../settings/schema.ts';
import type { Command, Terminal, Values } from './command.ts';
import { launch, untilDone } from './run.ts';
import { projectFile } from './version.ts';

const DEFAULT_SPEED = '60';

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
    'With INFLUX_URL (and INFLUX_DATABASE, INFLUX_TOKEN) set, results also go to that server.',
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
    const forMs = durationOf(values['for']);
    const plant = kind.create({
      seed: numberOf(values, 'seed', 0, 2 ** 32),
      speed: numberOf(values, 'speed', 0.01, 10_000),
      now: terminal.clock.now,
    });
    const temporary = values['data'] === undefined;
    const dataDir = temporary ? mkdtempSync(join(tmpdir(), 'meyar-demo-')) : String(values['data']);
    try {
      const addresses = await plant.start();
      const settings = settingsOf(kind.settings, addresses, values, terminal);
      const agent = await launch(settings, dataDir, String(values['log']), terminal);
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
  if (terminal.env['INFLUX_URL']) text = text.replace(/^sinks: \{\}$/m, INFLUX_SINK);
  const { settings, problems } = readSettings(text, file, env);
  if (settings === null) throw new InputError(sayProblems(problems, file));
  return settings;
}

const INFLUX_SINK = `sinks:
  influx:
    kind: influxdb
    url: \${INFLUX_URL}
    api: "\${INFLUX_API:-v1}"
    database: "\${INFLUX_DATABASE:-meyar}"
    token: "\${INFLUX_TOKEN:-}"
`;

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
