import { describe, expect, it } from 'vitest';
import { decodeBatch as decode } from '../../agent/batch.ts';
import { watchClock } from '../../agent/core/clock-steps.ts';
import { encode, reducerFor } from '../support/reducer.ts';

const T0 = Date.UTC(2026, 0, 1);
const YEAR = 365 * 86_400_000;

function rig(wallMs = T0) {
  const at = { wallMs, monotonicMs: 0 };
  const watch = watchClock({ now: () => at.wallMs, monotonic: () => at.monotonicMs });
  const pass = (ms: number, stepMs = 0) => {
    at.monotonicMs += ms;
    at.wallMs += ms + stepMs;
  };
  return { at, watch, pass };
}

describe('a clock that is set', () => {
  it.each([1000, -1000, 3_600_000, -YEAR, 10 * YEAR])('by %d ms is told, once', (stepMs) => {
    const { watch, pass } = rig();
    pass(1000);
    expect(watch.look(false)).toEqual([]);
    pass(1000, stepMs);
    const [event] = watch.look(false);
    expect(event).toMatchObject({ source: 'clock', stepMs });
    expect(event?.text).toContain(stepMs > 0 ? 'set forward by' : 'set back by');
    pass(1000);
    expect(watch.look(false)).toEqual([]);
  });

  it('forward does not make what is stored old, until it is set right', () => {
    const { watch, pass } = rig();
    pass(1000, YEAR);
    watch.look(false);
    expect(watch.ageMs()).toBe(T0 + 1000);
    pass(1000, -YEAR);
    watch.look(false);
    expect(watch.ageMs()).toBe(T0 + 2000);
  });

  it('for the first time is believed', () => {
    const { watch, pass } = rig(90_000);
    expect(watch.look(true)[0]?.text).toContain('1970-01-01');
    pass(1000, T0);
    watch.look(false);
    expect(watch.ageMs()).toBe(T0 + 91_000);
  });

  const row = {
    subgroup: { kind: 'by-count', size: 1 },
    limits: { kind: 'fixed', center: 10, sigma: 1 },
    rules: 'shewhart',
    noDataAfter: '1m',
  };
  const out = (alerts: string[]) => ({
    point() {},
    signal() {},
    limits() {},
    gap() {},
    reading() {},
    alert: (e: { alert: { kind: string }; transition: string }) =>
      void alerts.push(`${e.alert.kind} ${e.transition}`),
  });

  it.each([YEAR, -YEAR])('by %d ms makes nobody silent, and hides no silence', (stepMs) => {
    const reducer = reducerFor({ od: row });
    const alerts: string[] = [];
    const o = out(alerts);
    reducer.tick(T0, true, o);
    const batch = { stream: 's/x', receiveMs: T0 + 1000, tag: [0], value: [10], sequence: [1] };
    reducer.batch(decode(encode([batch])), o);
    const now = T0 + 30_000 + stepMs;
    reducer.event(
      { source: 'clock', kind: 'note', severity: 'info', text: 'set', timeMs: now, stepMs },
      o,
    );
    reducer.tick(now + 25_000, false, o);
    expect(alerts).toEqual([]);
    reducer.tick(now + 40_000, false, o);
    expect(alerts).toEqual(['no-data raised']);
  });
});
