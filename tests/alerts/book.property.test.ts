import fc from 'fast-check';
import { expect, it } from 'vitest';
import { alertBook, type BookState, startBook } from '../../agent/alerts/book.ts';
import type { AlertEvent, AlertState, AlertTransition, Severity } from '../../agent/model.ts';
import { gap, hit, policy, recorder, shaft } from './support.ts';

const bounds = { clearAfterReadings: 2, missedQuietMs: 50, maxRemembered: 8 };
const book = alertBook({ ...policy, ...bounds, returnsWithinMs: 60 });
type Act = (state: BookState, timeMs: number, out: ReturnType<typeof recorder>) => void;

const subjects = ['od-turned', 'depth', 'constructor'].map((id) => ({ ...shaft, id }));
const subject = fc.constantFrom(...subjects);
const severity = fc.constantFrom<Severity>('info', 'warning', 'alarm');
const answer = { by: 'Amina', cause: 'no cause found', action: 'measured again', comment: 'x' };

/** Every input the book knows, each as a function of the time it comes. */
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.tuple(subject, severity, fc.integer({ min: 1, max: 8 })).map(
    ([who, how, rule]): Act =>
      (state, t, out) =>
        book.onSignals(state, who, [hit(t, { severity: how, rule: `nelson-${rule}` })], {}, out),
  ),
  subject.map(
    (who): Act =>
      (state, t, out) =>
        book.onInControlPoint(state, who.id, t, out),
  ),
  fc.tuple(subject, fc.double({ min: 22.0001, max: 30, noNaN: true })).map(
    ([who, value]): Act =>
      (state, t, out) =>
        book.onOutOfTolerance(state, who, value, 21, 22, t, { n: 'v' }, out),
  ),
  subject.map(
    (who): Act =>
      (state, t, out) =>
        book.onInTolerance(state, who.id, t, out),
  ),
  subject.map(
    (who): Act =>
      (state, t, out) =>
        book.onSilence(state, who, t - 9, t, out),
  ),
  subject.map(
    (who): Act =>
      (state, t, out) =>
        book.onDataBack(state, who.id, t, out),
  ),
  fc.integer({ min: 1, max: 70 }).map(
    (n): Act =>
      (state, t, out) =>
        book.onMissed(state, 'cells', gap(n, t), out),
  ),
  fc.integer({ min: 1, max: 70 }).map(
    (n): Act =>
      (state, t, out) =>
        book.onGapFilled(state, 'cells', n, t, out),
  ),
  severity.map(
    (how): Act =>
      (state, t, out) =>
        book.onSourceEvent(
          state,
          { source: 'cells', kind: 'device', severity: how, text: 'a fault', timeMs: t },
          out,
        ),
  ),
  fc.integer({ min: 1, max: 30 }).map(
    (id): Act =>
      (state, t, out) =>
        void book.acknowledge(state, id, answer, t, out),
  ),
  fc.constant<Act>((state, t, out) => book.tick(state, t, out)),
);
const history = fc.array(fc.tuple(act, fc.integer({ min: 0, max: 30 })), {
  maxLength: 120,
  size: 'max',
});

/** Plays a history; `cut` saves and restores the state before that step. */
function play(moves: [Act, number][], cut = -1): { events: AlertEvent[]; state: BookState } {
  let state = startBook();
  const out = recorder();
  let t = 1000;
  moves.forEach(([move, later], i) => {
    if (i === cut) state = JSON.parse(JSON.stringify(state)) as BookState;
    t += later;
    move(state, t, out);
  });
  return { events: out.events, state };
}

const NEXT: Record<AlertState | 'new', Partial<Record<AlertTransition, AlertState[]>>> = {
  new: { raised: ['open'] },
  open: {
    worsened: ['open'],
    acknowledged: ['acknowledged'],
    cleared: ['cleared'],
    // only to make room
    closed: ['closed'],
  },
  acknowledged: { worsened: ['acknowledged'], closed: ['closed'] },
  cleared: { returned: ['open'], closed: ['closed'] },
  closed: {},
};
const RANK = { info: 0, warning: 1, alarm: 2 };

it('raises every alert once, in the order of ids, and makes only legal steps', () => {
  fc.assert(
    fc.property(history, (moves) => {
      const { events, state } = play(moves);
      const seen = new Map<number, AlertEvent>();
      let ids = 0;
      for (const event of events) {
        const { alert, transition } = event;
        const before = seen.get(alert.id);
        expect(NEXT[before?.alert.state ?? 'new'][transition] ?? []).toContain(alert.state);
        if (transition === 'raised') {
          ids += 1;
          expect(alert.id).toBe(ids);
        }
        if (transition === 'worsened') {
          expect(RANK[alert.severity]).toBeGreaterThan(RANK[before?.alert.severity ?? 'alarm']);
        }
        if (transition === 'returned') {
          expect(alert.returns).toBe((before?.alert.returns ?? 0) + 1);
          expect(event.timeMs - (before?.alert.clearedMs ?? 0)).toBeLessThanOrEqual(60);
        }
        expect(alert.count).toBeGreaterThanOrEqual(before?.alert.count ?? 1);
        seen.set(alert.id, event);
      }
      const left = [...seen.values()].filter((event) => event.alert.state !== 'closed');
      expect(Object.keys(state.alerts).map(Number)).toEqual(left.map((e) => e.alert.id).sort(up));
      expect(state.remembered).toBe(left.length);
      expect(state.remembered).toBeLessThanOrEqual(8);
      for (const event of left) expect(state.alerts[event.alert.id]?.state).toBe(event.alert.state);
    }),
  );
});

it('never holds two alerts of one kind for one subject, and openCount says how many hold', () => {
  fc.assert(
    fc.property(history, (moves) => {
      const { state } = play(moves);
      const held = Object.values(state.alerts).filter((alert) => alert.state !== 'cleared');
      const names = held.map((alert) => `${alert.subject}/${alert.kind}`);
      expect(new Set(names).size).toBe(names.length);
      for (const { id } of [...subjects, { id: 'cells' }]) {
        const count = held.filter((alert) => alert.subject === id).length;
        expect(book.openCount(state, id)).toBe(count);
        expect(book.hasOpen(state, id)).toBe(count > 0);
      }
    }),
  );
});

it('gives the same again, also when it was saved and restored on the way', () => {
  fc.assert(
    fc.property(history, fc.nat(120), (moves, cut) => {
      const once = play(moves);
      expect(play(moves)).toEqual(once);
      expect(play(moves, cut)).toEqual(once);
    }),
  );
});

it('changes nothing with a tick that is not due', () => {
  fc.assert(
    fc.property(history, fc.integer({ min: 0, max: 200 }), (moves, later) => {
      const { state } = play(moves);
      const nowMs = 1000 + later;
      if (book.tickDue(state, nowMs)) return;
      const before = JSON.stringify({ ...state, nowMs: 0 });
      const out = recorder();
      book.tick(state, nowMs, out);
      expect(out.events).toEqual([]);
      expect(JSON.stringify({ ...state, nowMs: 0 })).toBe(before);
    }),
  );
});

const up = (a: number, b: number) => a - b;
