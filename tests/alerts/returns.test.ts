import { describe, expect, it } from 'vitest';
import { alertBook, startBook } from '../../agent/alerts/book.ts';
import { noticeOf } from '../../agent/alerts/notice.ts';
import { routeTo } from '../../agent/alerts/routes.ts';
import { hit, policy, recorder, shaft, steps, storedEvent } from './support.ts';

const answer = { by: 'Amina', cause: 'loose probe', action: 'tightened', comment: '' };

function loose(more: Partial<typeof policy> = {}) {
  const book = alertBook({ ...policy, clearAfterPoints: 2, returnsWithinMs: 1000, ...more });
  const state = startBook();
  const out = recorder();
  return {
    ...{ book, state, out },
    bad: (t: number) => book.onSignals(state, shaft, [hit(t)], {}, out),
    good: (...times: number[]) => {
      for (const t of times) book.onInControlPoint(state, shaft.id, t, out);
    },
  };
}

describe('a condition that comes and goes before anybody answered', () => {
  it('is one alert with one answer, and has to stay away longer every time', () => {
    const { book, state, out, bad, good } = loose();
    bad(1);
    good(2, 3);
    bad(4);
    good(5, 6, 7);
    expect(state.alerts[1]).toMatchObject({ state: 'open', returns: 1, count: 2, clearedMs: null });
    good(8);
    expect(state.alerts[1]).toMatchObject({ state: 'cleared', clearedMs: 8, onsetMs: 1 });
    bad(9);
    good(10, 11, 12, 13, 14, 15, 16);
    expect(state.alerts[1]?.state).toBe('open');
    good(17);
    expect(steps(out.events)).toEqual([
      ...['1 raised', '1 cleared', '1 returned', '1 cleared', '1 returned', '1 cleared'],
    ]);
    expect(book.acknowledge(state, 1, answer, 18, out)).toMatchObject({
      state: 'closed',
      count: 3,
    });
    expect(state.alerts).toEqual({});
  });

  it('never has to stay away more than eight times as long', () => {
    const { state, bad, good } = loose();
    let t = 0;
    for (let i = 0; i < 12; i += 1) {
      t += 1;
      bad(t);
      const wanted = 2 * Math.min(8, 2 ** i);
      for (let k = 0; k < wanted; k += 1) {
        expect(state.alerts[1]?.state).toBe('open');
        t += 1;
        good(t);
      }
      expect(state.alerts[1]?.state).toBe('cleared');
    }
    expect(state.alerts[1]).toMatchObject({ returns: 11, count: 12 });
  });

  it('is a new alert after an answer, after that time, and for another kind', () => {
    const { book, state, out, bad, good } = loose();
    bad(1);
    good(2, 3);
    book.acknowledge(state, 1, answer, 4, out);
    bad(5);
    good(6, 7);
    bad(1008);
    good(1009, 1010);
    book.onOutOfTolerance(state, shaft, 30, 21, 22, 1011, {}, out);
    expect(steps(out.events)).toEqual([
      ...['1 raised', '1 cleared', '1 closed', '2 raised', '2 cleared'],
      ...['3 raised', '3 cleared', '4 raised'],
    ]);
  });

  it('gets worse with what came back', () => {
    const { state, book, out, bad, good } = loose();
    bad(1);
    good(2, 3);
    const signals = [hit(4, { severity: 'alarm', rule: 'nelson-2', text: 'nine on one side' })];
    book.onSignals(state, shaft, signals, {}, out);
    expect(state.alerts[1]).toMatchObject({
      severity: 'alarm',
      rules: ['nelson-1', 'nelson-2'],
      title: expect.stringContaining('nine on one side'),
    });
  });

  it('is a new alert every time for a policy that an older program kept', () => {
    const { returnsWithinMs: _later, ...kept } = { ...policy, clearAfterPoints: 2 };
    const book = alertBook(kept);
    const [state, out] = [startBook(), recorder()];
    for (const t of [1, 4]) {
      book.onSignals(state, shaft, [hit(t)], {}, out);
      for (const good of [t + 1, t + 2]) book.onInControlPoint(state, shaft.id, good, out);
    }
    expect(steps(out.events)).toEqual(['1 raised', '1 cleared', '2 raised', '2 cleared']);
  });
});

it('tells of a return those who were told that it began, machines among them', () => {
  const back = storedEvent(1, 2, { transition: 'returned', returns: 1, severity: 'alarm' });
  const raised = { channels: ['phone'], transitions: ['raised' as const] };
  expect(routeTo('phone', [raised])(back)).toBe(true);
  expect(routeTo('phone', [raised], { programs: true, shelving: false })(back)).toBe(true);
  const ends = { channels: ['phone'], transitions: ['closed' as const] };
  expect(routeTo('phone', [ends])(back)).toBe(false);
  const notice = noticeOf(back, { site: 'lahore', keyPrefix: '', nowMs: 1, staleAfterMs: 1e9 });
  expect(notice.title).toBe('back again (2 times), ALARM: alert 1');
  const aside = {
    by: 'Omar',
    reason: 'known',
    fromMs: 1,
    untilMs: 9,
    endedMs: null,
    endedBy: null,
  };
  const shelved = storedEvent(1, 2, { transition: 'returned', returns: 1, shelf: aside });
  expect(routeTo('phone', [])(shelved)).toBe(false);
});
