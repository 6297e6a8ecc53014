import { join } from 'node:path';
import { alertSettings, policyOf } from '../../agent/alerts/policy.ts';
import { startCore } from '../../agent/core/client.ts';

/** A process whose main thread begins to spin for ever while its core works; the folder is its argument. */
const pulse = new Int32Array(new SharedArrayBuffer(4));
await startCore(
  {
    file: join(String(process.argv[2]), 'meyar.db'),
    shell: { pulse, seconds: 3 },
    settings: { characteristics: {}, alerts: policyOf(alertSettings.parse({})), sources: [] },
    commitEveryMs: 20,
    commitReadings: 1000,
    snapshotEveryMs: 1000,
    newStoreId: 'spin',
    readers: [],
    space: { ballastBytes: 0, minFreeBytes: 0 },
    retention: { journalKeepMs: 1e12, historyKeepMs: 1e12, maxBytes: 1e12 },
  },
  { committed() {}, recording() {}, failed() {} },
);
pulse[0] = 1;
for (;;);
