import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Source, SourceContext } from '../../agent/sources/source.ts';
import { pause, type TestContext, testContext, until } from '../support/source-context.ts';

/** What a kind of source brings to be held to the port's promises. */
export interface SourceRig {
  /** the tags that `produce` feeds */
  tags: readonly string[];
  /** keys that `health().counters` must have */
  counters: readonly string[];
  /** a source whose other side is not there; a person always is */
  unreachable?(context: SourceContext): Source;
  /** a source whose other side is up */
  live(context: SourceContext): Source;
  /** resolves when a live source is ready for `produce` */
  ready(source: Source): Promise<void>;
  /** the other side has one more new reading for every tag */
  produce(): Promise<void> | void;
  close(): Promise<void>;
}

/** The promises every kind of source keeps (agent/sources/source.ts). */
export function sourceContract(
  name: string,
  makeRig: () => Promise<SourceRig>,
  alwaysThere = false,
): void {
  // A source whose other side cannot be away has nothing to show there.
  const whenAway = (what: string, test: () => Promise<void>) => {
    if (!alwaysThere) it(what, test);
  };
  describe(`${name} keeps the contract of a source`, () => {
    let rig: SourceRig;
    let context: TestContext;
    let source: Source | null = null;

    beforeEach(async () => {
      rig = await makeRig();
      context = testContext(rig.tags);
    });
    afterEach(async () => {
      await source?.stop();
      source = null;
      await rig.close();
    });

    const begin = async () => {
      source = rig.live(context);
      source.start();
      await rig.ready(source);
      return source;
    };
    const goodOf = (tag: string) => context.good(tag).length;
    const allHave = (n: number) => rig.tags.every((tag) => goodOf(tag) >= n);

    const unreachable = () => {
      if (rig.unreachable === undefined) throw new Error('the rig has no unreachable source');
      return rig.unreachable(context);
    };

    whenAway('starts without its other side, does not throw, and says so', async () => {
      source = unreachable();
      expect(source.health().lastDataMs).toBeNull();
      source.start();
      const own = source;
      await until(() => own.health().state === 'down', 'health says down');
      expect(own.health().detail).not.toBe('');
      expect(own.health().name).toBe(context.name);
      expect(context.readings.every((r) => Number.isNaN(r.value))).toBe(true);
    });

    whenAway('stops at once while its other side is away', async () => {
      source = unreachable();
      source.start();
      await source.stop();
      expect(source.health().state).toBe('stopped');
    });

    it('hands over readings with times, and health tells of them', async () => {
      const own = await begin();
      await rig.produce();
      await until(() => allHave(1), 'a reading of every tag');
      const reading = context.good(rig.tags[0] ?? '')[0];
      expect(Number.isFinite(reading?.value)).toBe(true);
      expect(reading?.sourceMs).toBeGreaterThan(0);
      expect(reading?.receiveMs).toBeGreaterThan(0);
      const health = own.health();
      expect(health.state).toBe('up');
      expect(health.lastDataMs).not.toBeNull();
      for (const counter of rig.counters) expect(health.counters).toHaveProperty(counter);
      for (const count of Object.values(health.counters)) expect(count).not.toBeNaN();
    });

    it('hands over nothing after stop', async () => {
      const own = await begin();
      await rig.produce();
      await until(() => allHave(1), 'a reading of every tag');
      const stopping = own.stop();
      await rig.produce();
      await stopping;
      const before = context.deliveries();
      await rig.produce();
      await pause(150);
      expect(context.deliveries()).toBe(before);
      expect(own.health().state).toBe('stopped');
      await own.stop();
    });

    it('never throws from committed, whatever the number', async () => {
      const own = await begin();
      own.committed(0);
      await rig.produce();
      await until(() => allHave(1), 'a reading of every tag');
      own.committed(context.deliveries());
      own.committed(context.deliveries());
      await own.stop();
      own.committed(context.deliveries());
    });

    it('takes in nothing while paused, and goes on afterwards', async () => {
      const own = await begin();
      await rig.produce();
      await until(() => allHave(1), 'a reading of every tag');
      own.committed(context.deliveries());
      own.pause(true);
      const before = context.deliveries();
      await rig.produce();
      await pause(150);
      expect(context.deliveries()).toBe(before);
      own.pause(false);
      await until(() => allHave(2), 'readings after the pause');
    });
  });
}
