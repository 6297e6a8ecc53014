import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChartRig } from '../contracts/chart.ts';
import { chartRigs } from '../support/chart-rigs.ts';
import { collect, encode, feed, reducerFor, stateOf } from '../support/reducer.ts';
import { given, normals } from '../support/spc.ts';

/** Streaming equals batch, and a restart anywhere changes nothing, for every kind of chart. */

const T0 = 1_700_000_000_000;

const rowOf = (one: ChartRig) => ({
  subgroup: one.subgroup ?? { kind: 'by-count', size: one.size },
  charts: [{ kind: one.kind, ...one.settings }],
  rules: 'nelson',
  ...(one.given === true ? {} : { limits: one.limits ?? given }),
  ...one.own,
});

function deliveries(one: ChartRig) {
  const reading = one.reading ?? ((chance: number, shift: number) => 10 + chance + shift);
  const perPoint = one.subgroup?.['kind'] === 'counts' ? 1 : one.size;
  const shift = one.shifts?.[0] ?? 4;
  return normals(24 * perPoint, 17).map((chance, i) => ({
    receiveMs: T0 + i * 1000,
    context: JSON.stringify(one.contextOf?.(i) ?? {}),
    value: [reading(chance, i >= 16 * perPoint ? shift : 0, i)],
    sequence: [i],
  }));
}

/** Everything that comes out when the readings are cut at these places, restarted where asked. */
function run(one: ChartRig, cuts: readonly number[], restartAt: number | null) {
  const all = deliveries(one);
  const out = collect();
  let reducer = reducerFor({ x: rowOf(one) });
  const places = [...new Set([0, ...cuts.map((cut) => cut % all.length), all.length])].sort(
    (a, b) => a - b,
  );
  places.slice(1).forEach((end, k) => {
    feed(reducer, { kind: 'batch', bytes: encode(all.slice(places[k], end)) }, out);
    if (restartAt === null || k !== restartAt % (places.length - 1)) return;
    const saved = stateOf(reducer);
    reducer = reducerFor({ x: rowOf(one) });
    reducer.restore(saved);
  });
  const rows = JSON.stringify([out.points, out.signals, out.alerts, out.limitsSeen, out.readings]);
  return { rows, state: stateOf(reducer), points: out.points.length, signals: out.signals.length };
}

describe.each(chartRigs.map((one) => [one.kind, one] as const))('%s', (_kind, one) => {
  const whole = run(one, [], null);
  const each = Array.from({ length: deliveries(one).length }, (_, i) => i);

  it('reading by reading gives the same bits as all at once', () => {
    expect(whole.points).toBeGreaterThan(20);
    expect(whole.signals).toBeGreaterThan(0);
    const apart = run(one, each, null);
    expect(apart.rows).toBe(whole.rows);
    expect(apart.state).toEqual(whole.state);
  });

  it('so does any cut, with a restart after any batch', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 6 }), fc.nat(), (cuts, restartAt) => {
        const cut = run(one, cuts, restartAt);
        expect(cut.rows).toBe(whole.rows);
        expect(cut.state).toEqual(whole.state);
      }),
      { numRuns: 12 },
    );
  });
});
