import { expect, it } from 'vitest';
import { hostileInput } from '../chaos/hostile-input.ts';

/** The short form of `npm run chaos -- --only hostile-input`, which reads a million. */
it('100 000 payloads that nobody meant break no reader', async () => {
  const said: string[] = [];
  const problems = await hostileInput.run({ seed: 11, kills: 1, say: (line) => said.push(line) });
  expect(problems, said.join('\n')).toEqual([]);
  expect(said.join('\n')).toMatch(/MQTT payloads: 40000, [1-9]\d* values accepted/);
});
