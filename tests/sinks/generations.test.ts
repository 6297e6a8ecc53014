import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../agent/runtime/clock.ts';
import { RetryError } from '../../agent/runtime/errors.ts';
import { silentLog } from '../../agent/runtime/log.ts';
import { sinks } from '../../agent/sinks/index.ts';
import { shipper } from '../../agent/sinks/shipper.ts';
import { fakeGeneration, type Generation } from '../support/fake-generations.ts';
import { fakeInflux } from '../support/fake-influx.ts';
import { characteristic, fakeJournal, sinkContext } from '../support/sink-journal.ts';
import { until } from '../support/source-context.ts';

const never = () => new AbortController().signal;
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

function openSink(url: string, settings: Record<string, unknown> = {}) {
  const own = { kind: 'influxdb', url, database: 'spc', maxLines: 5000, ...settings };
  const sink = sinks.create(sinks.schema.parse(own), sinkContext([characteristic()]));
  ends.push(() => sink.close());
  return sink;
}

function rows(count: number) {
  const journal = fakeJournal();
  for (let i = 0; i < count; i += 1000) {
    const value = Array.from({ length: Math.min(1000, count - i) }, (_, k) => i + k);
    journal.commit({ deliveries: [{ value }] });
  }
  return journal;
}

const isBad = (line: string) => line.includes(' value=3217,');
const GENERATIONS: Generation[] = ['v1', 'v2-400', 'v2-422', 'v3-nothing', 'v3-partial'];

describe.each(GENERATIONS)('one bad line of 5 000, server says it as %s', (generation) => {
  it('is the only one rejected, in at most 30 requests', async () => {
    const server = await fakeGeneration(generation, isBad);
    ends.push(server.close);
    const place = generation.startsWith('v2') ? { bucket: 'spc', org: 'o' } : {};
    const sink = openSink(server.url, place);
    const result = await sink.write(rows(5000).decoded(), never());
    expect(result.rejected).toHaveLength(1);
    expect(result.rejected[0]?.row).toContain('value=3217,');
    expect(result.rejected[0]?.reason).toMatch(/^4(00|22): /);
    expect(result.written).toBe(4999);
    expect(server.lines()).toHaveLength(4999);
    expect(server.requests.length).toBeLessThanOrEqual(30);
    // Somebody mended the field: the row that was kept is taken as it is.
    const mended = await fakeGeneration(generation, () => false);
    ends.push(mended.close);
    const kept = result.rejected.map(({ row }) => row);
    const again = await openSink(mended.url, place).again?.(kept, never());
    expect(again).toEqual({ written: 1, rejected: [] });
    expect(mended.lines()).toEqual(kept);
  });

  it('finds many bad ones too, wherever they are', async () => {
    const server = await fakeGeneration(generation, (line) =>
      /value=(7|1800|1801|4999),/.test(line),
    );
    ends.push(server.close);
    const result = await openSink(server.url).write(rows(5000).decoded(), never());
    expect(result.rejected).toHaveLength(4);
    expect(result.written).toBe(4996);
    expect(server.lines()).toHaveLength(4996);
  });
});

describe('a server that asks for patience', () => {
  it.each([429, 503])(
    'is not asked before its time after %i, then by one request',
    async (status) => {
      let refusing = true;
      const server = await fakeInflux(() => {
        return refusing ? { status, headers: { 'retry-after': '1' } } : { status: 204 };
      });
      ends.push(server.close);
      const journal = rows(12_000);
      const one = shipper({
        name: 'influx',
        kind: 'influxdb',
        sink: openSink(server.url, { maxLines: 1000 }),
        rows: journal.rows,
        saveCursor: () => {},
        cursor: 0,
        flushEveryMs: 1,
        clock: systemClock,
        random: Math.random,
        log: silentLog,
      });
      ends.push(() => one.stop(0));
      one.wake(journal.head());
      await until(() => server.requests.length >= 3, 'three attempts');
      await expect(one.again([])).rejects.toThrow(/does not take rows now/);
      const times = server.requests.map((r) => r.atMs);
      // One second was named; two clocks and a timer are between, so a hair less is no early request.
      for (let i = 1; i < 3; i += 1) {
        expect((times[i] ?? 0) - (times[i - 1] ?? 0)).toBeGreaterThan(990);
      }
      refusing = false;
      await until(() => one.health().cursor === journal.head(), 'everything shipped');
      expect(new Set(server.stored).size).toBe(12_000);
    },
  );

  it('gives the time it named to the runner', async () => {
    const server = await fakeInflux(() => ({ status: 429, headers: { 'retry-after': '7' } }));
    ends.push(server.close);
    const error = await openSink(server.url)
      .write(rows(3).decoded(), never())
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RetryError);
    expect((error as RetryError).afterMs).toBe(7000);
  });
});
