import { parseArgs } from 'node:util';
import { killLoop } from './kill-loop.ts';
import { modbusFaults } from './modbus-faults.ts';
import { modbusParts } from './modbus-parts.ts';
import { plcWrites } from './plc-writes.ts';

/**
 * `npm run chaos -- [--short] [--seed N] [--kills N]`: breaks a running agent on purpose and holds
 * the result against an undisturbed run. The seed is printed; the same seed breaks it the same way.
 */
const { values } = parseArgs({
  options: {
    short: { type: 'boolean' },
    seed: { type: 'string' },
    kills: { type: 'string' },
  },
});

const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const kills = Number(values.kills ?? (values.short ? 20 : 100));
const scenarios = [killLoop, modbusParts, modbusFaults, plcWrites];

let failed = 0;
for (const scenario of scenarios) {
  console.log(`${scenario.name}: seed ${seed}, ${kills} kills`);
  const problems = await scenario.run({ seed, kills, say: (line) => console.log(`  ${line}`) });
  if (problems.length > 0) failed += 1;
  for (const problem of problems) console.log(`  WRONG: ${problem}`);
  if (problems.length > 0) {
    console.log(`  again: npm run chaos -- --seed ${seed} --kills ${kills}`);
  }
}
console.log(`${scenarios.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
