import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HoldError } from '../../agent/runtime/errors.ts';
import { silentLog } from '../../agent/runtime/log.ts';
import { sinks } from '../../agent/sinks/index.ts';
import { type Shipper, shipper } from '../../agent/sinks/shipper.ts';
import type { Sink } from '../../agent/sinks/sink.ts';
import { type SinkRig, sinkContract } from '../contracts/sink.ts';
import { needs } from '../support/debian.ts';
import { type Influxd, influxd, query, v2Proxy, victoriaMetrics } from '../support/influxdb.ts';
import {
  alert,
  characteristic,
  fakeJournal,
  point,
  sinkContext,
  T0,
} from '../support/sink-journal.ts';
import { linkHealth, summary } from '../support/sink-summary.ts';

const present = needs('influxd');
const never = () => new AbortController().signal;
const create = (settings: Record<string, unknown>, list = [characteristic()]): Sink =>
  sinks.create(sinks.schema.parse({ kind: 'influxdb', ...settings }), sinkContext(list));

function shipFrom(journal: ReturnType<typeof fakeJournal>, sink: Sink, maxReadings = 500): Shipper {
  return shipper({
    name: 'influx',
    kind: 'influxdb',
    sink,
    rows: journal.rows,
    saveCursor: () => {},
    cursor: 0,
    flushEveryMs: 5,
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    random: () => 0,
    log: silentLog,
    maxReadings,
  });
}

async function until(done: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !done(); i += 1) await new Promise((r) => setTimeout(r, 10));
  expect(done()).toBe(true);
}

const MEASUREMENTS = ['spc_sample', 'spc_subgroup', 'spc_event', 'spc_limits'];

async function rig(api: 'v1' | 'v2'): Promise<SinkRig> {
  const db = await influxd();
  const proxy = api === 'v2' ? await v2Proxy(db.url) : undefined;
  const place = api === 'v2' ? { bucket: 'meyar', org: 'o', token: 'a:b' } : { database: 'meyar' };
  return {
    create: (context) =>
      sinks.create(
        sinks.schema.parse({ kind: 'influxdb', url: proxy?.url ?? db.url, ...place }),
        context,
      ),
    contents: async () => {
      const all = MEASUREMENTS.map((name) => db.query(`SELECT * FROM ${name}`));
      return (await Promise.all(all)).flat();
    },
    down: db.kill,
    up: db.start,
    close: async () => {
      await proxy?.close();
      await db.stop();
    },
  };
}

if (present) {
  sinkContract('influxdb, api v1', () => rig('v1'));
  sinkContract('influxdb, api v2', () => rig('v2'));
}

describe.skipIf(!present)('InfluxDB 1.6.7', () => {
  let db: Influxd;
  beforeAll(async () => {
    db = await influxd({ databases: ['meyar', 'conflict', 'outage', 'text', 'alerts'] });
  });
  afterAll(() => db?.stop());

  it('reads back the values, the text and the nanoseconds that were written', async () => {
    const awkward = characteristic({ part: 'a b,c=d \\', machine: 'fräse "1"' });
    const sink = create({ url: db.url, database: 'text' }, [awkward]);
    const journal = fakeJournal();
    const context = JSON.stringify({ serial: 'ends \\', lot: 'two\nlines "x" معیار' });
    journal.commit({ deliveries: [{ value: [21.9805, 10], context, sequence: [7, 8] }] });
    await sink.write(journal.decoded(), never());
    await sink.close();
    const [series] = await db.query('SELECT * FROM spc_sample', 'text');
    expect(series?.rows).toHaveLength(2);
    expect(series?.rows[0]).toMatchObject({
      time: `${T0}000000`,
      value: 21.9805,
      seq: 7,
      part: 'a b,c=d',
      machine: 'fräse "1"',
      serial: 'ends \\',
      lot: 'two lines "x" معیار',
    });
    expect(series?.rows[1]).toMatchObject({ time: `${T0}000001`, value: 10 });
  });

  it('has every row once and in order after an outage in the middle', async () => {
    const list = [characteristic(), characteristic({ id: 'hardness' })];
    const sink = create({ url: db.url, database: 'outage', timeout: '2s' }, list);
    const journal = fakeJournal();
    const ship = shipFrom(journal, sink);
    let made = 0;
    const produce = (count: number) => {
      for (let i = 0; i < count; i += 1) {
        const value = [made, made + 1, made + 2, made + 3];
        const receiveMs = T0 + journal.head();
        const sourceMs = value.map(() => receiveMs);
        const tag = [0, 1, 0, 1];
        const points = [point({ index: journal.head() + 1, timeMs: receiveMs })];
        made += 4;
        ship.wake(journal.commit({ deliveries: [{ value, tag, receiveMs, sourceMs }], points }), 4);
      }
    };
    produce(500);
    await until(() => ship.health().cursor > 200);
    produce(500);
    await db.kill();
    produce(1000);
    await until(() => ship.health().state === 'retrying');
    const stuck = ship.health().cursor;
    expect(stuck).toBeLessThan(2000);
    await db.start();
    produce(500);
    await until(() => ship.health().cursor === journal.head());
    await ship.stop(1000);
    const rows = async (id: string) => {
      const where = `WHERE characteristic = '${id}'`;
      return (await db.query(`SELECT value FROM spc_sample ${where}`, 'outage'))[0]?.rows ?? [];
    };
    for (const [offset, id] of ['od-turned', 'hardness'].entries()) {
      const values = (await rows(id)).map((row) => row['value']);
      expect(values).toEqual(Array.from({ length: 5000 }, (_, i) => 2 * i + offset));
    }
    const [points] = await db.query('SELECT count(value) FROM spc_subgroup', 'outage');
    expect(points?.rows[0]?.['count']).toBe(2500);
  });

  it('rejects exactly the line that conflicts and stores the others', async () => {
    const body = `spc_sample,site=x lot=1 ${T0}000000`;
    await fetch(`${db.url}/write?db=conflict`, { method: 'POST', body });
    const sink = create({ url: db.url, database: 'conflict' });
    const journal = fakeJournal();
    const value = Array.from({ length: 1000 }, (_, i) => i);
    journal.commit({ deliveries: [{ value }, { value: [-1], context: '{"lot":"7"}' }, { value }] });
    const result = await sink.write(journal.decoded(), never());
    await sink.close();
    expect(result.written).toBe(2000);
    expect(result.rejected).toHaveLength(1);
    expect(result.rejected[0]?.row).toContain('value=-1,');
    expect(result.rejected[0]?.reason).toContain('field type conflict');
    // InfluxDB 1.x keeps what it can of a refused point: its other fields.
    const where = 'WHERE value >= 0';
    const [stored] = await db.query(`SELECT count(value) FROM spc_sample ${where}`, 'conflict');
    expect(stored?.rows[0]?.['count']).toBe(2000);
  });

  it('holds without the database and goes on when there is one', async () => {
    const sink = create({ url: db.url, database: 'later' });
    const journal = fakeJournal();
    journal.commit({ deliveries: [{ value: [1] }] });
    const error = await sink.write(journal.decoded(), never()).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(HoldError);
    expect(error.message).toContain('database not found');
    await db.query('CREATE DATABASE later');
    expect(await sink.write(journal.decoded(), never())).toEqual({ written: 1, rejected: [] });
    await sink.close();
  });

  it('says what to do when an old server does not know v2', async () => {
    const sink = create({ url: db.url, bucket: 'meyar', org: 'o', token: 't' });
    const journal = fakeJournal();
    journal.commit({ deliveries: [{ value: [1] }] });
    await expect(sink.write(journal.decoded(), never())).rejects.toThrow(/needs `database`/);
    await sink.close();
  });

  it('has one row per alert, as it is now', async () => {
    const sink = create({ url: db.url, database: 'alerts' });
    const journal = fakeJournal();
    const steps = [
      alert(),
      alert({ state: 'acknowledged', acknowledgedBy: 'Bilal', cause: 'insert worn' }),
      alert({ state: 'closed', clearedMs: T0 + 9 }),
    ];
    for (const one of steps) {
      journal.commit({
        alerts: [{ seq: 0, ordinal: 0, transition: 'raised', timeMs: T0, alert: one }],
      });
    }
    for (const after of [0, 1, 2]) await sink.write(journal.decoded(after), never());
    await sink.close();
    const [series] = await db.query('SELECT * FROM spc_event', 'alerts');
    expect(series?.rows).toHaveLength(1);
    expect(series?.rows[0]).toMatchObject({ open: 0, state: 'closed', ack_by: 'Bilal' });
    expect(series?.rows[0]).toMatchObject({ cause: 'insert worn', serial: 'K-1001' });
  });

  it('beats: links, backlog, status and indices, null where not defined', async () => {
    const sink = create({ url: db.url, database: 'meyar' });
    await sink.beat?.([linkHealth()], never(), {
      health: shipFrom(fakeJournal(), sink).health(),
      summaries: [summary(characteristic())],
    });
    await sink.close();
    const one = async (name: string) => (await db.query(`SELECT * FROM ${name}`))[0]?.rows[0];
    expect(await one('spc_link')).toMatchObject({ source: 'cnc-1', state: 1, count_polls: 12 });
    expect(await one('spc_agent')).toMatchObject({ sink: 'influx', state: 0, backlog: 0 });
    expect(await one('spc_status')).toMatchObject({ state: 3, open_alerts: 2 });
    expect(await one('spc_capability')).toMatchObject({ cpk: 1.41, reason: 'no tolerance' });
    expect(await one('spc_capability')).not.toHaveProperty('ppk');
  });
});

describe.skipIf(!present)('InfluxDB 1.6.7 with authentication', () => {
  it('holds with a wrong password and writes with the right one', async () => {
    const db = await influxd({ auth: true });
    const admin = `Basic ${btoa('root:pw')}`;
    await query(db.url, "CREATE USER root WITH PASSWORD 'pw' WITH ALL PRIVILEGES", '');
    await query(db.url, 'CREATE DATABASE meyar', '', admin);
    const proxy = await v2Proxy(db.url);
    const journal = fakeJournal();
    journal.commit({ deliveries: [{ value: [1] }] });
    const place = [
      { url: db.url, database: 'meyar' },
      { url: proxy.url, bucket: 'meyar', org: 'o' },
    ];
    for (const settings of place) {
      const wrong = create({ ...settings, username: 'root', password: 'guess' });
      const error = await wrong.write(journal.decoded(), never()).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(HoldError);
      expect(error.message).toContain('401');
      expect(error.message).not.toContain('guess');
      const right = create({ ...settings, username: 'root', password: 'pw' });
      expect((await right.write(journal.decoded(), never())).written).toBe(1);
      await Promise.all([wrong.close(), right.close()]);
    }
    await proxy.close();
    await db.stop();
  });
});

describe.skipIf(!needs('victoria-metrics'))('VictoriaMetrics', () => {
  it('takes the numeric fields', async () => {
    const vm = await victoriaMetrics();
    const sink = create({ url: vm.url, database: 'meyar' });
    const journal = fakeJournal();
    const receiveMs = Date.now() - 5000;
    for (let i = 0; i < 20; i += 1) {
      journal.commit({ deliveries: [{ value: [i], receiveMs: receiveMs + i }] });
    }
    const result = await sink.write(journal.decoded(), never());
    await sink.close();
    expect(result).toEqual({ written: 20, rejected: [] });
    const [series] = await vm.series('spc_sample_value{characteristic="od-turned"}');
    await vm.stop();
    expect(series?.values).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(series?.timestamps[0]).toBe(receiveMs);
  });
});
