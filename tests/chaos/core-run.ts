import { alertSettings, policyOf } from '../../agent/alerts/policy.ts';
import { batchBuilder } from '../../agent/batch.ts';
import { characteristicSettings } from '../../agent/core/characteristic.ts';
import type { CoreOptions } from '../../agent/core/protocol.ts';
import { serveCore } from '../../agent/core/serve.ts';
import { passing } from '../../agent/store/errors.ts';
import { openWriter } from '../../agent/store/writer.ts';

const NOW = 1_700_000_000_000;
const TICKS_AT_END = 300;

const row = characteristicSettings.parse({
  name: 'od',
  source: 'load',
  tag: 'a.v',
  subgroup: { kind: 'by-count', size: 1 },
  limits: { kind: 'fixed', center: 10, sigma: 0.1 },
  rules: 'nelson',
  noDataAfter: '1h',
});

/**
 * The core with its real store and no thread, fed with so many batches of one counted part each,
 * every one a transaction. Says what it has acknowledged, before anything else happens, and when it
 * first took no writes and first took them again. Throws what ends it. `killed`: it is left as it is,
 * open and without a last snapshot.
 */
export function runCore(
  file: string,
  { count = 200, killed = false },
  say: (line: string) => void,
): void {
  const clock = { nowMs: NOW };
  const store = openWriter(file, { monotonic: () => clock.nowMs });
  const words = new Set<string>();
  let acked = 0;
  const core = serveCore({
    store,
    options: optionsFor(file),
    clock: { now: () => clock.nowMs, monotonic: () => clock.nowMs },
    post(message) {
      if (message.type === 'recording') {
        const word = message.recording.reason === '' ? 'back' : 'lost';
        if (!words.has(word)) say(word);
        words.add(word);
      }
      if (message.type !== 'committed' || message.committed.batch <= acked) return;
      acked = message.committed.batch;
      say(`ack ${acked}`);
    },
    later: () => () => {},
    passing,
  });
  for (let n = 1; n <= count; n += 1) {
    clock.nowMs += 50;
    core.take({ type: 'batch', id: n, buffer: batchOf(n, clock.nowMs) }, false);
    if (n % 5 === 0) core.tick();
  }
  for (let t = 0; t < TICKS_AT_END && acked < count; t += 1) {
    clock.nowMs += 1000;
    core.tick();
  }
  if (killed) return;
  core.take({ type: 'stop' }, false);
  store.close();
}

function optionsFor(file: string): CoreOptions {
  return {
    file,
    settings: {
      characteristics: { od: row },
      alerts: policyOf(alertSettings.parse({})),
      sources: ['load'],
    },
    commitEveryMs: 20,
    commitReadings: 1,
    snapshotEveryMs: 100,
    newStoreId: 'child',
    readers: [],
    space: { ballastBytes: 0, minFreeBytes: 0 },
    retention: { journalKeepMs: 1e12, historyKeepMs: 1e12, maxBytes: 1e12 },
  };
}

function batchOf(n: number, nowMs: number): ArrayBuffer {
  const builder = batchBuilder();
  builder.add({
    stream: 'load/a',
    context: '',
    raw: Buffer.from(`part ${n}`),
    receiveMs: nowMs,
    modulus: 0,
    redelivered: false,
    count: 1,
    tag: [0],
    value: [10 + 0.1 * Math.sin(n)],
    quality: [0],
    sourceMs: [nowMs],
    sequence: [n],
  });
  return builder.take();
}
