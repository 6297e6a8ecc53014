import { writeSync } from 'node:fs';
import { alertSettings, policyOf } from '../../agent/alerts/policy.ts';
import { batchBuilder } from '../../agent/batch.ts';
import { characteristicSettings } from '../../agent/core/characteristic.ts';
import type { FromCore } from '../../agent/core/protocol.ts';
import { serveCore } from '../../agent/core/serve.ts';
import { messageOf } from '../../agent/runtime/errors.ts';
import { passing } from '../../agent/store/errors.ts';
import { openWriter } from '../../agent/store/writer.ts';

/**
 * The core with its real store and no thread, fed with so many batches of one counted part each,
 * every one a transaction. Says on stdout what it has acknowledged, before anything else happens.
 */
const [file = '', first = '1', count = '200'] = process.argv.slice(2);
const NOW = 1_700_000_000_000;
const TICKS_AT_END = 300;

const clock = { nowMs: NOW };
const said = new Set<string>();
const say = (line: string) => void writeSync(1, `${line}\n`);
let acked = 0;

const row = characteristicSettings.parse({
  name: 'od',
  source: 'load',
  tag: 'a.v',
  subgroup: { kind: 'by-count', size: 1 },
  limits: { kind: 'fixed', center: 10, sigma: 0.1 },
  rules: 'nelson',
  noDataAfter: '1h',
});
const post = (message: FromCore) => {
  if (message.type === 'recording') {
    const word = message.recording.reason === '' ? 'back' : 'lost';
    if (!said.has(word)) say(word);
    said.add(word);
  }
  if (message.type !== 'committed' || message.committed.batch <= acked) return;
  acked = message.committed.batch;
  say(`ack ${acked}`);
};

try {
  const store = openWriter(file, { monotonic: () => clock.nowMs });
  const core = serveCore({
    store,
    options: {
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
    },
    clock: { now: () => clock.nowMs, monotonic: () => clock.nowMs },
    post,
    later: () => () => {},
    passing,
  });
  const from = Number(first);
  const last = from + Number(count) - 1;
  for (let n = from; n <= last; n += 1) {
    clock.nowMs += 50;
    core.take({ type: 'batch', id: n, buffer: batchOf(n) }, false);
    if (n % 5 === 0) core.tick();
  }
  for (let t = 0; t < TICKS_AT_END && acked < last; t += 1) {
    clock.nowMs += 1000;
    core.tick();
  }
  core.take({ type: 'stop' }, false);
  store.close();
  say('ended');
} catch (error) {
  say(`failed ${messageOf(error)}`);
  process.exitCode = 1;
}

function batchOf(n: number): ArrayBuffer {
  const builder = batchBuilder();
  builder.add({
    stream: 'load/a',
    context: '',
    raw: Buffer.from(`part ${n}`),
    receiveMs: clock.nowMs,
    modulus: 0,
    redelivered: false,
    count: 1,
    tag: [0],
    value: [10 + 0.1 * Math.sin(n)],
    quality: [0],
    sourceMs: [clock.nowMs],
    sequence: [n],
  });
  return builder.take();
}
