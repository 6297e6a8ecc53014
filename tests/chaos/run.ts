import { parseArgs } from 'node:util';
import { simulation } from '../simulation/scenario.ts';
import { brokerForgets } from './broker-forgets.ts';
import { burst } from './burst.ts';
import { clockSteps } from './clock-steps.ts';
import { corruptStores } from './corrupt-stores.ts';
import { diskFull } from './disk-full.ts';
import { disorder } from './disorder.ts';
import { hostileInput } from './hostile-input.ts';
import { influxWeek } from './influx-week.ts';
import { ioErrors } from './io-errors.ts';
import { killLoop } from './kill-loop.ts';
import { type Job, runLanes } from './lanes.ts';
import { modbusFaults } from './modbus-faults.ts';
import { modbusParts } from './modbus-parts.ts';
import { plcWrites } from './plc-writes.ts';
import { powerCut } from './power-cut.ts';
import { retained } from './retained.ts';
import type { Scenario } from './scenario.ts';

/**
 * `npm run chaos -- [--short] [--seed N] [--kills N] [--only NAME] [--hours H]`: breaks a
 * running agent on purpose and holds the result against an undisturbed run. The seed is printed; the
 * same seed breaks it the same way. `--hours` is the time that the simulation
 * covers, `--days` that of the outage of the database, `--parts` those of each Modbus pattern, `--part`
 * runs one of the independent parts of a scenario, such as a pattern.
 */
const { values } = parseArgs({
  options: {
    short: { type: 'boolean' },
    seed: { type: 'string' },
    kills: { type: 'string' },
    only: { type: 'string' },
    hours: { type: 'string' },
    days: { type: 'string' },
    parts: { type: 'string' },
    cut: { type: 'string' },
    recording: { type: 'string' },
    part: { type: 'string' },
  },
});

const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const short = values.short === true;
const kills = Number(values.kills ?? (short ? 20 : 100));
const hours = Number(values.hours ?? (short ? 1008 : 5040));
/** The kill loop has its own number: the others only scale with the first one. */
const loops = Number(values.kills ?? (short ? 200 : 1000));
/** Those that take longest first, so that both lanes end together. */
const all: Scenario[] = [
  killLoop,
  powerCut,
  simulation(hours),
  ioErrors,
  clockSteps,
  corruptStores,
  diskFull,
  influxWeek,
  plcWrites,
  modbusParts,
  modbusFaults,
  brokerForgets,
  disorder,
  retained,
  burst,
  hostileInput,
];
const scenarios = all.filter((s) => values.only === undefined || s.name === values.only);
/** A long scenario of independent parts is as many jobs. */
const jobs = scenarios.flatMap((s): Job[] => {
  const { name, inParts } = s;
  if (values.part !== undefined || short || inParts === undefined) return [{ name }];
  return inParts.map((part) => ({ name, part }));
});
const [only] = scenarios;
if (only === undefined || (values.part && !only.inParts?.includes(values.part))) {
  console.error(`--only: one of ${all.map((s) => s.name).join(', ')}`);
  process.exit(2);
}

const begun = performance.now();
const failed = jobs.length === 1 ? await runOne(only) : await runAll();
console.log(`${jobs.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function runAll(): Promise<number> {
  const args = process.argv.slice(2);
  if (values.seed === undefined) args.push('--seed', String(seed));
  const wrong = await runLanes(jobs, args, (text) =>
    console.log(text.replace(/\n\d+ passed, \d+ failed$/, '')),
  );
  console.log(`${Math.round((performance.now() - begun) / 1000)} s in all, seed ${seed}`);
  return wrong.length;
}

async function runOne(scenario: Scenario): Promise<number> {
  console.log(`${scenario.name}: seed ${seed}`);
  const problems = await scenario.run({
    seed,
    kills: scenario === killLoop ? loops : kills,
    short,
    days: Number(values.days ?? (short ? 0.1 : 7)),
    ...(values.parts === undefined ? {} : { parts: Number(values.parts) }),
    ...(values.cut === undefined ? {} : { cut: Number(values.cut) }),
    ...(values.recording === undefined ? {} : { recording: values.recording }),
    ...(values.part === undefined ? {} : { part: values.part }),
    say: (line) => console.log(`  ${line}`),
  });
  for (const problem of problems) console.log(`  WRONG: ${problem}`);
  if (problems.length > 0) {
    const part = values.part === undefined ? '' : ` --part ${values.part}`;
    const again = `--only ${scenario.name}${part} --seed ${seed}${short ? ' --short' : ''}`;
    console.log(`  again: npm run chaos -- ${again} --kills ${kills}`);
  }
  console.log(`  ${Math.round((performance.now() - begun) / 1000)} s`);
  return problems.length > 0 ? 1 : 0;
}
