import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { startAgent } from '../../agent/agent.ts';
import { SKIPPED_SHOTS as CHENAB } from '../../agent/plants/chenab/line.ts';
import { plants } from '../../agent/plants/index.ts';
import { SKIPPED_SHOTS as INDUS } from '../../agent/plants/indus/line.ts';
import { SKIPPED_CELLS, SKIPPED_SCREWS } from '../../agent/plants/margalla/line.ts';
import { createPlant } from '../../agent/plants/shell.ts';
import { systemClock } from '../../agent/runtime/clock.ts';
import { createLog } from '../../agent/runtime/log.ts';
import { readSettings } from '../../agent/settings/load.ts';

const PATIENCE = { timeout: 60_000, interval: 50 };

it.concurrent.each([
  ['P2', INDUS, 300],
  ['P3', CHENAB, 200],
  ['P4', [...SKIPPED_CELLS, ...SKIPPED_SCREWS], 150],
] as const)(
  '%s: the agent misses exactly the parts that were skipped',
  async (name, list, speed) => {
    const kind = plants[name];
    if (kind === undefined) throw new Error(`no plant ${name}`);
    const plant = createPlant(kind.wiring, { seed: 1, speed, now: Date.now });
    const dataDir = mkdtempSync(join(tmpdir(), 'meyar-plant-'));
    const env = { ...(await plant.start()), MEYAR_PORT: '0' };
    const file = new URL(`../../config/${kind.settings}`, import.meta.url).pathname;
    const { settings } = readSettings(readFileSync(file, 'utf8'), file, env);
    if (settings === null) throw new Error(`${file} has problems`);
    const agent = await startAgent({
      settings,
      dataDir,
      assetsDir: dataDir,
      version: 'test',
      clock: systemClock,
      random: Math.random,
      log: createLog('error'),
    });
    try {
      plant.produce();
      await vi.waitFor(() => expect(agent.figures().readings).toBeGreaterThan(0), PATIENCE);
      expect(plant.figures().skippedParts, 'skipped before the agent listened').toBe(0);
      const last = Math.max(...list);
      await vi.waitFor(() => expect(plant.figures().parts).toBeGreaterThan(last + 1), PATIENCE);
      const expected = plant.figures().skippedParts;
      expect(expected).toBe(list.length);
      await vi.waitFor(() => expect(agent.figures().missedParts).toBe(expected), PATIENCE);
      expect(agent.figures().points).toBeGreaterThan(0);
      expect(agent.figures().signals).toBeGreaterThan(0);
      if (name === 'P2') await expectFeatures(agent.url, last);
    } finally {
      await agent.stop();
      await plant.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
    expect(agent.figures().missedParts).toBe(list.length);
  },
);

/** Curves of shots that came by MQTT give one good reading a shot: none is lost or made twice. */
async function expectFeatures(url: string, shots: number): Promise<void> {
  for (const id of ['cavity-3-peak', 'cavity-3-impulse', 'cavity-8-impulse']) {
    const found = (await (await fetch(`${url}/api/characteristics/${id}`)).json()) as {
      readings: number;
      badReadings: number;
      last: number;
    };
    expect(found, id).toMatchObject({ badReadings: 0 });
    expect(found.readings, id).toBeGreaterThan(0.8 * shots);
  }
}
