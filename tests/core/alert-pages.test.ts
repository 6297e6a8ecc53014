import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alertBook, type BookState, startBook } from '../../agent/alerts/book.ts';
import { alertSettings, policyOf } from '../../agent/alerts/policy.ts';
import { restoredBook, savedBook } from '../../agent/core/alert-pages.ts';

const subject = (id: string) => ({
  id,
  name: id,
  unit: 'mm',
  decimals: 3,
  class: 'SC' as const,
  reactionPlan: '',
});

const policy = { ...policyOf(alertSettings.parse({})), clearAfterReadings: 2, maxRemembered: 200 };
const book = alertBook(policy);

/** A bad or a good reading of one of a few characteristics, an answer, or a snapshot. */
const steps = fc.array(
  fc.record({
    what: fc.constantFrom('bad', 'good', 'good', 'answer', 'save'),
    which: fc.nat(5),
  }),
  { maxLength: 600, size: 'max' },
);

function take(state: BookState, what: string, which: number, at: number, told: Set<number>): void {
  const out = { alert: (event: { alert: { id: number } }) => void told.add(event.alert.id) };
  const id = `c${which}`;
  if (what === 'bad') book.onOutOfTolerance(state, subject(id), 9, 1, 2, at, {}, out);
  else if (what === 'good') book.onInTolerance(state, id, at, out);
  else if (what === 'answer') {
    const open = Object.keys(state.alerts).map(Number)[which];
    const answer = { by: 'K. Anwar', cause: 'worn insert', action: 'changed', comment: '' };
    if (open !== undefined) book.acknowledge(state, open, answer, at, out);
  }
}

describe('pages of alerts', () => {
  it('give back the whole book, although only changed pages were written', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const state = startBook();
        const disk = new Map<string, string>();
        const told = new Set<number>();
        for (const [at, { what, which }] of all.entries()) {
          take(state, what, which, at, told);
          if (what !== 'save') continue;
          for (const [key, json] of savedBook(state, told, false)) disk.set(key, json);
          told.clear();
          expect(restoredBook(disk)).toEqual(state);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('leave alone what nobody spoke of', () => {
    const state = startBook();
    const told = new Set<number>();
    for (let i = 0; i < 100; i += 1) {
      take(state, 'bad', i, i, told);
      for (let k = 0; k < policy.clearAfterReadings; k += 1) take(state, 'good', i, i, told);
    }
    expect([...savedBook(state, told, false)]).toHaveLength(1 + 4);
    expect([...savedBook(state, new Set([40]), false)].map(([key]) => key)).toEqual([
      'alerts',
      'alerts:1',
    ]);
    expect(restoredBook(new Map())).toBeNull();
  });
});
