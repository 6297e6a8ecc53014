import { afterEach, describe, expect, it } from 'vitest';
import { HoldError, RetryError } from '../../agent/runtime/errors.ts';
import { sinks } from '../../agent/sinks/index.ts';
import type { Sink } from '../../agent/sinks/sink.ts';
import { needs } from '../support/debian.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import {
  characteristic,
  fakeJournal,
  limits,
  point,
  sinkContext,
} from '../support/sink-journal.ts';

describe.skipIf(!needs('mosquitto'))('a message that the broker never takes', () => {
  let broker: Mosquitto | null = null;
  let sink: Sink | null = null;
  afterEach(async () => {
    await sink?.close();
    await broker?.close();
  });
  const never = new AbortController().signal;

  /** A broker that hangs up on packets of more bytes than this. */
  async function start(mostBytes: number): Promise<Sink> {
    broker = await startMosquitto({ config: [`max_packet_size ${mostBytes}`] });
    const settings = sinks.schema.parse({ kind: 'mqtt', url: broker.url, timeout: '20s' });
    sink = sinks.create(settings, sinkContext([characteristic()]));
    return sink;
  }
  const journal = () => {
    const all = fakeJournal();
    all.commit({ points: [point({ index: 1 })] });
    all.commit({ limits: [limits({ note: 'far too long '.repeat(500) })] });
    all.commit({ points: [point({ index: 2 })] });
    return all.decoded();
  };
  const failing = async (s: Sink, times: number) => {
    for (let i = 0; i < times; i += 1) {
      await expect(s.write(journal(), never)).rejects.toBeInstanceOf(RetryError);
    }
  };

  it('is found after ten failures and kept apart; the others arrive', async () => {
    const s = await start(2000);
    await failing(s, 9);
    const { written, rejected } = await s.write(journal(), never);
    expect(written).toBe(2);
    expect(rejected).toEqual([
      { row: expect.stringContaining('far too long'), reason: 'the broker hung up' },
    ]);
    // Sent once more it is refused once more; what is small enough is taken.
    const bad = rejected.map(({ row }) => row);
    const good = JSON.stringify({ topic: 'a/b', payload: '{}' });
    const again = await s.again?.([...bad, good], never);
    expect(again).toEqual({ written: 1, rejected });
  });

  it('is not given up when the broker takes none at all: then everything is held', async () => {
    const s = await start(60);
    await failing(s, 9);
    await expect(s.write(journal(), never)).rejects.toBeInstanceOf(HoldError);
  });

  it('is not given up while the broker cannot be reached', async () => {
    const s = await start(2000);
    await failing(s, 9);
    await broker?.stop();
    const settings = sinks.schema.parse({ kind: 'mqtt', url: broker?.url, timeout: '200ms' });
    const other = sinks.create(settings, sinkContext([characteristic()]));
    for (let i = 0; i < 12; i += 1) {
      await expect(other.write(journal(), never)).rejects.toBeInstanceOf(RetryError);
    }
    await other.close();
  });
});
