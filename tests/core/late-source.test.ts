import { describe, expect, it } from 'vitest';
import { QUALITY } from '../../agent/model.ts';
import { collect, encode, feed, reducerFor } from '../support/reducer.ts';
import { T0 } from '../support/sink-journal.ts';

const ROW = {
  subgroup: { kind: 'by-count', size: 1 },
  charts: [{ kind: 'imr' }],
  limits: { kind: 'fixed', center: 10, sigma: 0.1 },
  rules: 'shewhart',
  usl: 11,
};

describe('what a source marks as late', () => {
  it('is kept as history, and neither charted nor judged, even when it is in order', () => {
    const reducer = reducerFor({ force: ROW });
    const out = collect();
    const give = (value: number, at: number, quality: number) =>
      feed(
        reducer,
        {
          kind: 'batch',
          bytes: encode([{ value: [value], sourceMs: [T0 + at], quality: [quality] }]),
        },
        out,
      );
    give(10, 1, QUALITY.GOOD);
    give(99, 2, QUALITY.UNCERTAIN_LATE);
    give(10, 3, QUALITY.GOOD);
    expect(out.points.map((p) => p.value)).toEqual([10, 10]);
    expect(out.alerts).toEqual([]);
    expect(out.readings.map((r) => r[2])).toEqual([10, 99, 10]);
    expect(reducer.figures.late).toBe(1);
  });
});
