import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startJobs } from '../../agent/jobs.ts';
import type { SourceEvent } from '../../agent/model.ts';
import { systemClock } from '../../agent/runtime/clock.ts';
import { silentLog } from '../../agent/runtime/log.ts';
import { settingsSchema } from '../../agent/settings/schema.ts';
import { startUpkeep, upkeepMetrics } from '../../agent/upkeep.ts';
import { eventually } from '../support/agent-rig.ts';
import { fillStore } from '../support/filled-store.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meyar-jobs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the store looks after itself', () => {
  it('makes backups and whole checks when they are due, and tells of damage', async () => {
    const dataDir = join(folder, 'data');
    mkdirSync(dataDir);
    const file = join(dataDir, 'meyar.db');
    const writer = fillStore(file, 20);
    const to = join(folder, 'copies');
    const { store } = settingsSchema.parse({
      plant: { name: 'Jobs (made up)', site: 'test' },
      sources: {},
      characteristics: {},
      store: { checkEvery: '0s', backup: { every: '1h', to, keep: 3 } },
    });
    const events: SourceEvent[] = [];
    const upkeep = startUpkeep();
    const o = { dataDir, store, clock: systemClock, log: silentLog, upkeep };
    const jobs = startJobs({ ...o, report: (event) => void events.push(event) });
    await eventually(
      () => upkeep.lastBackup !== null && upkeep.lastCheck !== null,
      'both were done',
      60_000,
    );
    jobs.stop();
    expect(readdirSync(to)).toHaveLength(1);
    expect(upkeep.lastCheck).toMatchObject({ ok: true, head: writer.head() });
    expect(events).toEqual([]);

    writer.close();
    const db = new DatabaseSync(file);
    db.exec('UPDATE journal SET crc = crc + 1 WHERE seq = 3');
    db.close();
    const again = startJobs({ ...o, report: (event) => void events.push(event) });
    await eventually(() => events.length > 0, 'people are told');
    again.stop();
    expect(events[0]).toMatchObject({
      severity: 'alarm',
      text: expect.stringMatching(/journal row 3 is damaged/),
    });
    const metric = upkeepMetrics(upkeep).find((m) => m.name === 'meyar_store_check_ok');
    expect(metric?.samples[0]?.value).toBe(0);
    expect(readdirSync(to)).toHaveLength(1);
  });
});
