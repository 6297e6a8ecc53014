import { beforeEach, describe, expect, it } from 'vitest';
import { alertBook } from '../../agent/alerts/book.ts';
import { type BookState, startBook } from '../../agent/alerts/episodes.ts';
import type { AlertEvent, SourceEvent } from '../../agent/model.ts';
import { policy } from './support.ts';

const QUIET = policy.missedQuietMs;
const book = alertBook(policy);
let state: BookState;
let events: AlertEvent[];
const out = { alert: (event: AlertEvent) => void events.push(structuredClone(event)) };

beforeEach(() => {
  state = startBook();
  events = [];
  book.tick(state, 0, out);
});

const said = (over: Partial<SourceEvent>) =>
  book.onSourceEvent(
    state,
    { source: 'plc', kind: 'device', severity: 'alarm', text: 'x', timeMs: 0, ...over },
    out,
  );
const transitions = () => events.map((e) => e.transition);

describe('what a source says lasts', () => {
  it('holds the alert open for as long as it does, and is lifted by its end', () => {
    said({ condition: 'heartbeat', timeMs: 1 });
    book.tick(state, 100 * QUIET, out);
    expect(transitions()).toEqual(['raised']);
    said({ condition: 'heartbeat', over: true, severity: 'info', timeMs: 100 * QUIET + 5 });
    expect(transitions()).toEqual(['raised', 'cleared']);
    expect(state.episodes).toEqual({});
  });

  it('two of them: the second end lifts it', () => {
    for (const condition of ['a', 'b', 'a']) said({ condition });
    said({ condition: 'a', over: true, severity: 'info' });
    expect(transitions()).toEqual(['raised']);
    said({ condition: 'b', over: true, severity: 'info' });
    expect(transitions()).toEqual(['raised', 'cleared']);
  });

  it('something that merely happened keeps the alert for its quiet time', () => {
    said({ condition: 'a', timeMs: 1 });
    said({ timeMs: 2 });
    said({ condition: 'a', over: true, severity: 'info', timeMs: 10 });
    expect(transitions()).toEqual(['raised']);
    book.tick(state, 10 + QUIET, out);
    expect(transitions()).toEqual(['raised', 'cleared']);
  });

  it('an end of what never began, or is over, says nothing', () => {
    said({ condition: 'a', over: true, severity: 'info' });
    expect(events).toEqual([]);
    said({ timeMs: 1 });
    said({ condition: 'a', over: true, severity: 'info' });
    expect(transitions()).toEqual(['raised']);
  });

  it('after a new start it ends by quiet unless it is said again', () => {
    for (const again of [false, true]) {
      state = startBook();
      events = [];
      book.tick(state, 0, out);
      said({ condition: 'a', timeMs: 1 });
      state = JSON.parse(JSON.stringify(state)) as BookState;
      book.retire(state, () => true, 2, out);
      if (again) said({ condition: 'a', timeMs: 3 });
      book.tick(state, 10 * QUIET, out);
      expect(transitions()).toEqual(again ? ['raised'] : ['raised', 'cleared']);
    }
  });
});
