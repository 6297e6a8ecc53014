import { connect } from 'mqtt';
import { createIntake } from '../../agent/intake.ts';
import { systemClock } from '../../agent/runtime/clock.ts';
import { silentLog } from '../../agent/runtime/log.ts';
import { createMqttSource } from '../../agent/sources/mqtt/index.ts';
import { settings } from '../../agent/sources/mqtt/settings.ts';
import type { Source } from '../../agent/sources/source.ts';

/** The process that `mqtt-source.ts` measures: one subscriber that takes in so many messages. */
const [who, port, messages, per] = process.argv.slice(2);
const url = `mqtt://127.0.0.1:${port}`;
const total = Number(messages) * Number(per);
let begun = 0;
let cpuBefore = process.cpuUsage();
let taken = 0;
let checksum = 0;

if (who === 'ours') ours();
else bare();

function begin(): void {
  begun = performance.now();
  cpuBefore = process.cpuUsage();
}

function finish(): void {
  const { user, system } = process.cpuUsage(cpuBefore);
  const seconds = (performance.now() - begun) / 1000;
  process.send?.({ readings: taken, seconds, cpu: (user + system) / 1e6, checksum });
}

function bare(): void {
  const client = connect(url, { protocolVersion: 5, clientId: `bare-${process.pid}` });
  client.on('connect', () => {
    client.subscribe('bench/+/result', { qos: 1 }, () => process.send?.('ready'));
  });
  client.on('message', (_topic, bytes) => {
    if (taken === 0) begin();
    const parsed = JSON.parse(bytes.toString());
    const items = Array.isArray(parsed) ? parsed : [parsed];
    for (const item of items) checksum += item.v.od;
    taken += items.length;
    if (taken === total) finish();
  });
}

function ours(): void {
  const topic = {
    topic: 'bench/{station}/result',
    stream: '{station}',
    sequence: 'seq',
    time: { path: 'ts', unit: 'ms' },
    values: { od: 'v.od' },
    ...(per === '1' ? { context: { part: 'part', serial: 'sn' } } : { items: '' }),
  };
  const intake = createIntake({
    // The core's answer, one turn of the loop later.
    post: (_buffer, id) => void setImmediate(() => intake.committed(id)),
    monotonic: systemClock.monotonic,
    spacingMs: 20,
    maxReadings: 1000,
    maxHeldBytes: 64e6,
  });
  const source: Source = createMqttSource(settings.parse({ url, topics: [topic] }), {
    name: `bench-${process.pid}`,
    tags: ['od'],
    tagNumber: () => 0,
    deliver(delivery) {
      if (taken === 0) begin();
      taken += delivery.count;
      const number = way(delivery);
      if (taken === total) finish();
      return number;
    },
    deliverEvent: () => 0,
    report() {},
    clock: systemClock,
    random: Math.random,
    log: silentLog,
  });
  const way = intake.join('bench', source).deliver;
  source.start();
  const waiting = setInterval(() => {
    if (source.health().counters['subscribed'] !== 1) return;
    clearInterval(waiting);
    process.send?.('ready');
  }, 5);
}
