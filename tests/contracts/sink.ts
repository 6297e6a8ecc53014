import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RetryError } from '../../agent/runtime/errors.ts';
import type { Sink, SinkContext } from '../../agent/sinks/sink.ts';
import {
  alert,
  characteristic,
  fakeJournal,
  limits,
  point,
  signal,
  sinkContext,
  T0,
} from '../support/sink-journal.ts';

/** What a kind of sink needs to show to be held to the contract. */
export interface SinkRig {
  create(context: SinkContext): Sink;
  /** everything the other side holds, in one comparable value that does not depend on its order */
  contents(): Promise<unknown[]>;
  /** the other side stops answering, and comes back with what it had */
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

const never = () => new AbortController().signal;

/** One suite for every kind of sink. */
export function sinkContract(name: string, rig: () => Promise<SinkRig>): void {
  describe(`sink contract: ${name}`, () => {
    let it0: SinkRig;
    beforeAll(async () => {
      it0 = await rig();
    });
    afterAll(() => it0?.close());

    it('starts although the other side is off, then asks to be tried again', async () => {
      await it0.down();
      const sink = it0.create(context());
      await sink.open();
      await expect(sink.write(everything(), never())).rejects.toBeInstanceOf(RetryError);
      await it0.up();
      const result = await sink.write(everything(), never());
      expect(result.rejected).toEqual([]);
      expect(result.written).toBeGreaterThan(0);
      await sink.close();
    });

    it('leaves the same state when the same rows are written again, by any instance', async () => {
      const sink = it0.create(context());
      await sink.open();
      const first = await sink.write(everything(), never());
      const before = await it0.contents();
      const again = await sink.write(everything(), never());
      await sink.close();
      const other = it0.create(context());
      await other.open();
      await other.write(everything(), never());
      await other.close();
      expect(again).toEqual(first);
      expect(before.length).toBeGreaterThan(0);
      expect(await it0.contents()).toEqual(before);
    });

    it('writes nothing for no rows', async () => {
      const sink = it0.create(context());
      await sink.open();
      const result = await sink.write(fakeJournal().decoded(), never());
      expect(result).toEqual({ written: 0, rejected: [] });
      await sink.close();
    });

    it('stops at once when the signal aborts, and closes twice', async () => {
      const sink = it0.create(context());
      await sink.open();
      await expect(sink.write(everything(), AbortSignal.abort())).rejects.toThrow();
      await sink.close();
      await sink.close();
    });

    it('passes over rows of characteristics that were removed', async () => {
      const sink = it0.create(sinkContext([]));
      await sink.open();
      const journal = fakeJournal();
      journal.commit({ deliveries: [{ value: [1, 2] }], points: [point()] });
      expect(await sink.write(journal.decoded(), never())).toEqual({ written: 0, rejected: [] });
      await sink.close();
    });
  });
}

const context = () => sinkContext([characteristic()]);

/** Every sort of row, awkward ones included. */
function everything() {
  const journal = fakeJournal();
  const context = '{"serial":"K-1 \\"x\\" \\\\","lot":"دھات 7"}';
  const value = [21.98, 21.9805, Number.NaN, 0, -0.5, 1e-9];
  journal.commit({
    deliveries: [{ value, quality: [0, 1, 20, 0, 0, 255], context }],
    points: [point(), point({ index: 2, lcl: null, spread: null, phase: 1 })],
    signals: [signal({ text: 'nine points\non one side \\' })],
    alerts: [{ seq: 0, ordinal: 0, transition: 'raised', timeMs: T0, alert: alert() }],
    limits: [limits()],
    gaps: [gap()],
  });
  return journal.decoded();
}

function gap() {
  const [seq, ordinal] = [0, 0];
  return { seq, ordinal, source: 'cnc-1', stream: 's', from: 3, to: 4, missed: 2, timeMs: T0 };
}
