import { mkdirSync } from 'node:fs';
import { loadSettings } from '../settings/load.ts';
import type { Settings } from '../settings/schema.ts';
import type { settings as modbusSettings } from '../sources/modbus/settings.ts';
import { examineBroker } from '../sources/mqtt/examine.ts';
import type { settings as mqttSettings } from '../sources/mqtt/settings.ts';
import { compileTopic } from '../sources/mqtt/topics.ts';
import type { settings as sparkplugSettings } from '../sources/sparkplug/settings.ts';
import { filtersOf } from '../sources/sparkplug/topics.ts';
import { type Command, EXIT, type Terminal } from './command.ts';
import { brokerAdvice, type Check, clockCheck, diskChecks } from './doctor-checks.ts';
import { modbusAdvice } from './doctor-modbus.ts';
import { numberOption } from './options.ts';

/** Looks at what the agent stands on: disk, clock, settings of PLCs, brokers. */
export const doctor: Command = {
  summary: 'look at disk, clock, settings of PLCs and brokers, and say what to mend',
  usage: '-c FILE [--data DIR] [--queue N] [--json]',
  help: [
    '-c, --config FILE   the settings file (YAML)',
    '--data DIR          where the journal is kept (default: ./data); a small file is written there',
    '--queue N           send N small messages to the topic meyar-doctor/… of each broker, to learn',
    '                    how many it keeps for an agent that is away (default: none are sent)',
    '--json              {ok, checks: [{name, state, found, advice}]}',
    '',
    'exit code 0: all well; 1: something should be mended',
  ],
  example: 'meyar doctor -c config/ravi-auto-shafts.yaml --data /var/lib/meyar --queue 2000',
  options: {
    config: { type: 'string', short: 'c' },
    data: { type: 'string', default: 'data' },
    queue: { type: 'string' },
    json: { type: 'boolean' },
  },
  positionals: [0, 0],
  async run(_positionals, values, terminal) {
    const file = values['config'];
    if (typeof file !== 'string') {
      terminal.err('meyar doctor: name a settings file with -c FILE');
      return EXIT.badInput;
    }
    const settings = loadSettings(file, terminal.env);
    const dataDir = String(values['data']);
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const queue = Math.min(10_000, Math.max(0, Math.round(numberOption(values, 'queue') ?? 0)));
    const checks = [
      ...diskChecks(dataDir, settings.store.maxBytes, terminal.clock),
      clockCheck(terminal.clock.now()),
      ...plcChecks(settings),
      ...(await brokerChecks(settings, queue, terminal)),
    ];
    const ok = checks.every((check) => check.state !== 'bad' && check.state !== 'warn');
    if (values['json'] === true) terminal.out(JSON.stringify({ ok, checks }));
    else for (const check of checks) terminal.out(sayCheck(check));
    return ok ? EXIT.done : EXIT.foundWrong;
  },
};

function sayCheck({ state, name, found, advice }: Check): string {
  return `${state.padEnd(7)} ${name}: ${found}${advice === '' ? '' : `\n        → ${advice}`}`;
}

/** What is risky in the settings of PLCs; they are not asked. */
function plcChecks(settings: Settings): Check[] {
  return Object.entries(settings.sources).flatMap(([name, { kind, ...own }]) =>
    kind === 'modbus' ? modbusAdvice(name, own as ReturnType<typeof modbusSettings.parse>) : [],
  );
}

/** One broker after another: they may be the same machine. */
async function brokerChecks(
  settings: Settings,
  queue: number,
  terminal: Terminal,
): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [name, own] of Object.entries(settings.sources)) {
    const broker = brokerOf(own);
    if (broker === null) continue;
    const id = Math.random().toString(36).slice(2, 10);
    const clientId = `meyar-doctor-${id}`;
    const found = await examineBroker({
      ...broker,
      clientId,
      queue,
      nowMs: terminal.clock.now(),
    });
    checks.push(...brokerAdvice(name, found, broker.settings));
    if (!found.reachable) continue;
    terminal.err(`${name}: looked at`);
  }
  return checks;
}

/** Connection and filters of a source that reads from a broker; its settings are checked already. */
function brokerOf({ kind, ...own }: Settings['sources'][string]) {
  if (kind === 'mqtt') {
    const settings = own as ReturnType<typeof mqttSettings.parse>;
    return { settings, filters: settings.topics.map((t) => compileTopic(t.topic).filter) };
  }
  if (kind !== 'sparkplug') return null;
  const settings = own as ReturnType<typeof sparkplugSettings.parse>;
  return { settings, filters: filtersOf(settings.nodes) };
}
