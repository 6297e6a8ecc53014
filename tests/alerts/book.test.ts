import { beforeEach, describe, expect, it } from 'vitest';
import { alertBook, startBook } from '../../agent/alerts/book.ts';
import type { SourceEvent } from '../../agent/model.ts';
import { gap, hit, policy, recorder, shaft, steps } from './support.ts';

const book = alertBook(policy);
const answer = { by: 'Amina', cause: 'insert worn', action: 'insert changed', comment: '' };
let state = startBook();
let out = recorder();
beforeEach(() => {
  state = startBook();
  out = recorder();
});
const last = () => {
  const event = out.events.at(-1);
  if (event === undefined) throw new Error('nothing was emitted');
  return event;
};

describe('out of control', () => {
  it('opens one alert for one cause and says what is wrong in one sentence', () => {
    book.onSignals(state, shaft, [hit(1000)], { serial: '17' }, out);
    expect(last().alert.title).toBe(
      'OD turned 22 h8 is out of control: 1 point beyond 3 sigma (X̄ 21.9921 mm)',
    );
    expect(last()).toMatchObject({
      transition: 'raised',
      timeMs: 1000,
      alert: { id: 1, state: 'open', severity: 'warning', count: 1, context: { serial: '17' } },
    });
    book.onSignals(state, shaft, [hit(2000), hit(2000, { rule: 'nelson-2' })], {}, out);
    expect(out.events).toHaveLength(1);
    for (const t of [3000, 4000, 5000]) book.onInControlPoint(state, shaft.id, t, out);
    expect(last().transition).toBe('cleared');
    expect(last().alert).toMatchObject({
      count: 3,
      rules: ['nelson-1', 'nelson-2'],
      lastMs: 2000,
      clearedMs: 5000,
    });
  });

  it('begins with the first point of the run when the rule knows it', () => {
    book.onSignals(state, shaft, [hit(9000), hit(9000, { onsetMs: 1000 })], {}, out);
    expect(last().alert).toMatchObject({ onsetMs: 1000, openedMs: 9000 });
  });

  it('does not clear while signals come between the good points', () => {
    book.onSignals(state, shaft, [hit(1)], {}, out);
    book.onInControlPoint(state, shaft.id, 2, out);
    book.onInControlPoint(state, shaft.id, 3, out);
    book.onSignals(state, shaft, [hit(4)], {}, out);
    book.onInControlPoint(state, shaft.id, 5, out);
    book.onInControlPoint(state, shaft.id, 6, out);
    expect(steps(out.events)).toEqual(['1 raised']);
    book.onInControlPoint(state, shaft.id, 7, out);
    expect(steps(out.events)).toEqual(['1 raised', '1 cleared']);
  });

  it('counts a subgroup once, however many charts found it good', () => {
    book.onSignals(state, shaft, [hit(1)], {}, out);
    for (let chart = 0; chart < 5; chart += 1) book.onInControlPoint(state, shaft.id, 1, out);
    for (let chart = 0; chart < 5; chart += 1) book.onInControlPoint(state, shaft.id, 2, out);
    expect(steps(out.events)).toEqual(['1 raised']);
  });

  it('tells again only when it gets worse', () => {
    book.onSignals(state, shaft, [hit(1)], {}, out);
    book.onSignals(state, shaft, [hit(2, { severity: 'alarm', text: '6 points rising' })], {}, out);
    book.onSignals(state, shaft, [hit(3, { severity: 'alarm' })], {}, out);
    book.onSignals(state, shaft, [hit(4)], {}, out);
    expect(steps(out.events)).toEqual(['1 raised', '1 worsened']);
    expect(last().alert.severity).toBe('alarm');
    expect(last().alert.title).toContain('6 points rising');
  });

  it('is an alarm from the start for a critical characteristic', () => {
    book.onSignals(state, { ...shaft, class: 'CC' }, [hit(1)], {}, out);
    book.onSignals(state, { ...shaft, id: 'b', class: 'SC' }, [hit(1)], {}, out);
    expect(out.events.map((event) => event.alert.severity)).toEqual(['alarm', 'warning']);
  });
});

describe('out of tolerance', () => {
  it('is an alarm and names the limit, with as many digits as it takes', () => {
    book.onOutOfTolerance(state, shaft, 22.0031, 21.967, 22, 1, {}, out);
    expect(last().alert).toMatchObject({
      severity: 'alarm',
      value: 22.0031,
      title: 'OD turned 22 h8 is out of tolerance: 22.0031 mm, above USL 22.0000 mm',
    });
    book.onOutOfTolerance(state, { ...shaft, id: 'b' }, 21.96699, 21.967, 22, 1, {}, out);
    expect(last().alert.title).toContain('21.96699 mm, below LSL 21.96700 mm');
  });

  it('clears after five good readings in a row', () => {
    book.onOutOfTolerance(state, shaft, 22.1, 21, 22, 1, {}, out);
    for (const t of [2, 3, 4, 5]) book.onInTolerance(state, shaft.id, t, out);
    book.onOutOfTolerance(state, shaft, 22.1, 21, 22, 6, {}, out);
    for (const t of [7, 8, 9, 10]) book.onInTolerance(state, shaft.id, t, out);
    expect(steps(out.events)).toEqual(['1 raised']);
    book.onInTolerance(state, shaft.id, 11, out);
    expect(steps(out.events)).toEqual(['1 raised', '1 cleared']);
    expect(last().alert.count).toBe(2);
  });
});

describe('silence, gaps and sources', () => {
  it('says how long nothing came and clears with the next reading', () => {
    const at = Date.UTC(2026, 2, 1, 9, 0, 0);
    book.onSilence(state, shaft, at, at + 720_000, out);
    book.onSilence(state, shaft, at, at + 721_000, out);
    expect(last().alert).toMatchObject({
      title: 'OD turned 22 h8: no reading for 12 min',
      detail: 'No reading for 12 min, last at 2026-03-01 09:00:00 UTC.',
      severity: 'warning',
      onsetMs: at,
    });
    book.onDataBack(state, shaft.id, at + 800_000, out);
    expect(steps(out.events)).toEqual(['1 raised', '1 cleared']);
  });

  it('is an alarm when a special characteristic is silent', () => {
    book.onSilence(state, { ...shaft, class: 'SC' }, null, 5, out);
    expect(last().alert).toMatchObject({
      severity: 'alarm',
      title: 'OD turned 22 h8: no reading yet',
    });
  });

  it('adds up missed parts, worsens at a hundred and ends after a quiet time', () => {
    book.onMissed(state, 'cells', gap(60, 1000), out);
    book.onMissed(state, 'cells', gap(39, 2000), out);
    book.onMissed(state, 'cells', gap(1, 3000), out);
    expect(steps(out.events)).toEqual(['1 raised', '1 worsened']);
    expect(last().alert.title).toBe('cells: 100 parts missed');
    expect(book.tickDue(state, 602_999)).toBe(false);
    book.tick(state, 602_999, out);
    expect(out.events).toHaveLength(2);
    expect(book.tickDue(state, 603_000)).toBe(true);
    book.tick(state, 603_000, out);
    expect(steps(out.events).at(-1)).toBe('1 cleared');
  });

  it('clears missed parts once all of them arrived late', () => {
    book.onMissed(state, 'cells', gap(3, 1000), out);
    book.onGapFilled(state, 'cells', 2, 2000, out);
    expect(out.events).toHaveLength(1);
    book.onGapFilled(state, 'cells', 1, 3000, out);
    expect(steps(out.events)).toEqual(['1 raised', '1 cleared']);
  });

  it('does not wait for years when a source clock ran ahead', () => {
    book.tick(state, 1000, out);
    book.onMissed(state, 'cells', gap(3, 1e12), out);
    book.tick(state, 2000, out);
    book.tick(state, 602_000, out);
    expect(steps(out.events)).toEqual(['1 raised', '1 cleared']);
  });

  it('takes the severity of a source event, and tells nobody of mere information', () => {
    const event: SourceEvent = {
      source: 'cells',
      kind: 'session-lost',
      severity: 'warning',
      text: 'the broker lost our session',
      timeMs: 5,
    };
    book.onSourceEvent(state, { ...event, severity: 'info', kind: 'note' }, out);
    expect(out.events).toEqual([]);
    book.onSourceEvent(state, event, out);
    book.onSourceEvent(state, { ...event, severity: 'alarm', kind: 'device' }, out);
    expect(steps(out.events)).toEqual(['1 raised', '1 worsened']);
    expect(last().alert.rules).toEqual(['session-lost', 'device']);
  });
});

describe('answers', () => {
  it('closes when answered after it cleared', () => {
    book.onSignals(state, shaft, [hit(1)], {}, out);
    for (const t of [2, 3, 4]) book.onInControlPoint(state, shaft.id, t, out);
    const alert = book.acknowledge(state, 1, answer, 5, out);
    expect(alert).toMatchObject({ state: 'closed', acknowledgedBy: 'Amina', comment: null });
    expect(steps(out.events)).toEqual(['1 raised', '1 cleared', '1 closed']);
    expect(Object.keys(state.alerts)).toEqual([]);
  });

  it('closes when the condition ends after it was answered', () => {
    book.onSignals(state, shaft, [hit(1)], {}, out);
    expect(book.acknowledge(state, 1, answer, 2, out)).toMatchObject({ state: 'acknowledged' });
    for (const t of [2, 3, 4]) book.onInControlPoint(state, shaft.id, t, out);
    expect(steps(out.events)).toEqual(['1 raised', '1 acknowledged', '1 closed']);
    expect(last().alert).toMatchObject({ cause: 'insert worn', clearedMs: 4 });
  });

  it('says why an answer cannot be taken and changes nothing', () => {
    book.onSignals(state, shaft, [hit(1)], {}, out);
    const before = JSON.stringify(state);
    expect(book.acknowledge(state, 9, answer, 2, out)).toContain('alert 9 is not known');
    expect(book.acknowledge(state, 1, { ...answer, by: ' ' }, 2, out)).toBe('say who answers');
    expect(book.acknowledge(state, 1, { ...answer, cause: '' }, 2, out)).toContain('cause');
    expect(book.acknowledge(state, 1, { ...answer, action: '' }, 2, out)).toContain('done');
    expect(JSON.stringify(state)).toBe(before);
    book.acknowledge(state, 1, answer, 3, out);
    expect(book.acknowledge(state, 1, answer, 4, out)).toContain('already answered by Amina');
  });

  it('gives copies: what a reader does to an event changes no later one', () => {
    const kept: string[] = [];
    const careless = recorder();
    const spoil = {
      alert: (event: Parameters<typeof careless.alert>[0]) => {
        kept.push(JSON.stringify(event.alert.rules));
        event.alert.rules.push('spoiled');
        event.alert.context['spoiled'] = 'yes';
      },
    };
    const context = { serial: '17' };
    book.onSignals(state, shaft, [hit(1)], context, spoil);
    context.serial = '18';
    book.onSignals(state, shaft, [hit(2, { severity: 'alarm' })], {}, spoil);
    expect(kept).toEqual(['["nelson-1"]', '["nelson-1"]']);
    expect(state.alerts[1]?.context).toEqual({ serial: '17' });
  });
});

describe('what is remembered', () => {
  it('knows per subject what holds', () => {
    expect(book.hasOpen(state, 'constructor')).toBe(false);
    book.onSignals(state, shaft, [hit(1)], {}, out);
    book.onOutOfTolerance(state, shaft, 23, 21, 22, 1, {}, out);
    expect(book.openCount(state, shaft.id)).toBe(2);
    for (const t of [2, 3, 4]) book.onInControlPoint(state, shaft.id, t, out);
    expect(book.openCount(state, shaft.id)).toBe(1);
    for (const t of [2, 3, 4, 5, 6]) book.onInTolerance(state, shaft.id, t, out);
    expect(book.hasOpen(state, shaft.id)).toBe(false);
    expect(state.remembered).toBe(2);
  });

  it('makes room by closing the oldest cleared alert and counts it', () => {
    const small = alertBook({
      ...policy,
      maxRemembered: 3,
      clearAfterPoints: 1,
      returnsWithinMs: 0,
    });
    small.onOutOfTolerance(state, shaft, 23, 21, 22, 1, {}, out);
    for (let t = 1; t <= 10; t += 1) {
      small.onSignals(state, shaft, [hit(2 * t)], {}, out);
      small.onInControlPoint(state, shaft.id, 2 * t + 1, out);
    }
    expect(state.remembered).toBe(3);
    expect(Object.keys(state.alerts)).toEqual(['1', '10', '11']);
    expect(state.dropped).toBe(8);
    const closed = out.events.filter((event) => event.transition === 'closed');
    expect(closed[0]?.alert).toMatchObject({ id: 2, acknowledgedBy: null });
    expect(closed[0]?.alert.comment).toContain('without an answer');
  });

  it('ends the conditions of subjects that the settings no longer know', () => {
    book.onSignals(state, shaft, [hit(1)], {}, out);
    book.onSignals(state, { ...shaft, id: 'kept' }, [hit(1)], {}, out);
    book.retire(state, (subject) => subject === 'kept', 9, out);
    expect(steps(out.events)).toEqual(['1 raised', '2 raised', '1 cleared']);
    expect(book.hasOpen(state, shaft.id)).toBe(false);
  });
});
