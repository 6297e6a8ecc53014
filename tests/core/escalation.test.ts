import { describe, expect, it } from 'vitest';
import type { AlertEvent } from '../../agent/model.ts';
import { collect, encode, feed, type Input, reducerFor, stateOf } from '../support/reducer.ts';

const T0 = Date.UTC(2026, 9, 5, 6);
const MINUTE = 60_000;
const ROWS = {
  od: { lsl: 5, usl: 15, unit: 'mm', noDataAfter: '30d', subgroup: { kind: 'by-count', size: 5 } },
};
const ROUTES = [
  { severities: ['alarm'], channels: ['phone'], escalateAfter: '15m', escalateTo: ['lead'] },
  {
    severities: ['alarm'],
    channels: ['phone'],
    ...{ escalateAfter: '30m', escalateTo: ['manager', 'lead'], escalateLevels: 2 },
  },
];

/** A reducer that is ticked each second as the loop does it: only when something is due. */
function rig(alerts: Record<string, unknown> = { routes: ROUTES }) {
  const make = () => reducerFor(ROWS, { alerts });
  const r = { reducer: make(), nowMs: T0, out: collect(), inputs: [] as Input[], part: 0 };
  const give = (input: Input) => {
    r.inputs.push(structuredClone(input));
    return feed(r.reducer, input, r.out);
  };
  const tick = () => {
    if (r.reducer.tickDue(r.nowMs)) give({ kind: 'tick', nowMs: r.nowMs, start: false });
  };
  give({ kind: 'tick', nowMs: T0, start: true });
  return {
    ...{ r, make, give },
    reading(value: number, sourceMs = r.nowMs) {
      r.part += 1;
      const one = { stream: 's/x', receiveMs: r.nowMs, sourceMs: [sourceMs], tag: [0] };
      give({ kind: 'batch', bytes: encode([{ ...one, value: [value], sequence: [r.part] }]) });
    },
    pass(ms: number) {
      for (const end = r.nowMs + ms; r.nowMs < end; ) {
        r.nowMs += 1000;
        tick();
      }
    },
    /** the agent is away: nothing ticks, then it starts on what it had saved */
    restart(awayMs: number) {
      const saved = stateOf(r.reducer);
      r.reducer = make();
      r.reducer.restore(saved);
      r.nowMs += awayMs;
      give({ kind: 'tick', nowMs: r.nowMs, start: true });
    },
    command: (command: Record<string, unknown>) =>
      give({
        kind: 'command',
        command: { alert: 1, by: 'Sana', timeMs: r.nowMs, ...command } as never,
      }) as { alert?: AlertEvent['alert']; error?: string },
    said: () =>
      r.out.alerts.map(({ transition, timeMs, alert }) =>
        transition === 'escalated'
          ? `${(timeMs - T0) / MINUTE} ${alert.escalatedTo?.join('+')}`
          : transition,
      ),
  };
}

const ANSWER = { kind: 'acknowledge', cause: 'chip', action: 'cleaned', comment: '' };

describe('an alarm that nobody answers', () => {
  it('is told to others level by level, and then no more', () => {
    const t = rig();
    t.reading(99);
    t.pass(200 * MINUTE);
    const [raised, ...levels] = t.said();
    expect(raised).toBe('raised');
    // The second route has two levels, the first three; what falls together is one message.
    expect(levels.map((said) => said.replace(/^(\d+)\.\d+ /, '$1 '))).toEqual([
      '15 lead',
      '30 lead+manager',
      '45 lead',
      '60 manager+lead',
    ]);
    const { escalations } = t.r.out.alerts.at(-1)?.alert ?? {};
    expect(escalations?.map(({ level, levels: most }) => [level, most])).toEqual([
      [3, 3],
      [2, 2],
    ]);
  });

  it('is told to nobody else once it is answered', () => {
    const t = rig();
    t.reading(99);
    t.pass(16 * MINUTE);
    expect(t.command(ANSWER).alert?.state).toBe('acknowledged');
    t.pass(120 * MINUTE);
    expect(t.said().filter((said) => / /.test(said))).toHaveLength(1);
  });

  it('is told on also when the condition is gone, until somebody says what it was', () => {
    const t = rig();
    t.reading(99);
    for (let i = 0; i < 5; i += 1) t.reading(10);
    t.pass(16 * MINUTE);
    expect(t.said()).toEqual(['raised', 'cleared', expect.stringMatching(/^15\.\d+ lead$/)]);
    t.command(ANSWER);
    t.pass(60 * MINUTE);
    expect(t.said().at(-1)).toBe('closed');
  });

  it('counts from when this machine saw it, whatever the clock of the source says', () => {
    for (const skew of [-400 * 86_400_000, 400 * 86_400_000]) {
      const t = rig();
      t.reading(99, T0 + skew);
      t.pass(14 * MINUTE);
      expect(t.said()).toEqual(['raised']);
      t.pass(2 * MINUTE);
      expect(t.said()).toHaveLength(2);
    }
  });

  it('counts for the severity that the route names: a warning only once it is an alarm', () => {
    const t = rig();
    t.give({
      kind: 'event',
      event: { source: 's', kind: 'device', severity: 'warning', text: 'slow', timeMs: T0 },
    });
    t.pass(9 * MINUTE);
    t.give({
      kind: 'event',
      event: { source: 's', kind: 'device', severity: 'alarm', text: 'dead', timeMs: t.r.nowMs },
    });
    t.pass(14 * MINUTE);
    expect(t.said().filter((said) => / /.test(said))).toEqual([]);
    t.pass(2 * MINUTE);
    expect(t.said().filter((said) => / lead$/.test(said))).toHaveLength(1);
  });

  it('survives a restart: no level twice, and after an absence one level, not all', () => {
    const t = rig();
    t.reading(99);
    t.pass(20 * MINUTE);
    for (let i = 0; i < 20; i += 1) t.restart(1000);
    expect(t.said().filter((said) => / lead$/.test(said))).toHaveLength(1);
    t.restart(10 * 60 * MINUTE);
    expect(t.said().filter((said) => / /.test(said))).toHaveLength(2);
    t.pass(1000);
    expect(t.said().filter((said) => / /.test(said))).toHaveLength(2);
  });

  it('goes on as it would have when the machine’s clock is set', () => {
    const t = rig();
    t.reading(99);
    t.pass(10 * MINUTE);
    const stepMs = -86_400_000;
    t.r.nowMs += stepMs;
    const clock = { source: 'clock', kind: 'note', severity: 'info', text: 'set' } as const;
    t.give({ kind: 'event', event: { ...clock, timeMs: t.r.nowMs, stepMs } });
    t.pass(4 * MINUTE);
    expect(t.said()).toEqual(['raised']);
    t.pass(2 * MINUTE);
    expect(t.said()).toHaveLength(2);
  });

  it('gives the same events and state when the journal is replayed', () => {
    const t = rig();
    t.reading(99);
    t.pass(17 * MINUTE);
    t.command({ kind: 'shelve', reason: 'known', untilMs: t.r.nowMs + 20 * MINUTE });
    t.pass(60 * MINUTE);
    t.command({ kind: 'shelve', reason: 'again', untilMs: t.r.nowMs + 60 * MINUTE });
    t.pass(MINUTE);
    t.command({ kind: 'unshelve' });
    t.pass(40 * MINUTE);
    const again = t.make();
    const out = collect();
    for (const input of t.r.inputs) feed(again, structuredClone(input), out);
    expect(out.alerts).toEqual(t.r.out.alerts);
    expect(out.alerts.length).toBeGreaterThan(7);
    expect(stateOf(again)).toEqual(stateOf(t.r.reducer));
  });

  it('costs no ticks when no route asks for it', () => {
    const t = rig({});
    t.reading(99);
    const before = t.r.inputs.length;
    t.pass(60 * MINUTE);
    expect(t.r.inputs).toHaveLength(before);
  });
});

describe('an alert that is put aside', () => {
  const open = () => {
    const t = rig();
    t.reading(99);
    t.pass(5000);
    return t;
  };
  const aside = (ms: number, at: number) => ({
    ...{ kind: 'shelve', reason: 'gauge is being mended' },
    untilMs: at + ms,
  });

  it('comes back by itself, and the time aside does not count for others', () => {
    const t = open();
    const { alert } = t.command(aside(60 * MINUTE, t.r.nowMs));
    expect(alert?.shelf).toMatchObject({ by: 'Sana', endedMs: null });
    t.pass(59 * MINUTE);
    expect(t.said()).toEqual(['raised', 'shelved']);
    t.pass(MINUTE);
    expect(t.said().at(-1)).toBe('unshelved');
    expect(t.r.out.alerts.at(-1)?.alert.shelf).toMatchObject({ endedBy: null });
    t.pass(14 * MINUTE);
    expect(t.said().at(-1)).toBe('unshelved');
    t.pass(2 * MINUTE);
    expect(t.said().at(-1)).toMatch(/ lead$/);
  });

  it('comes back across a restart that its end fell into', () => {
    const t = open();
    t.command(aside(60 * MINUTE, t.r.nowMs));
    t.restart(30 * MINUTE);
    expect(t.said().at(-1)).toBe('shelved');
    t.restart(40 * MINUTE);
    expect(t.said().at(-1)).toBe('unshelved');
  });

  it('is taken back by a person, whose name stands there', () => {
    const t = open();
    t.command(aside(60 * MINUTE, t.r.nowMs));
    expect(t.command({ kind: 'unshelve', by: 'Omar' }).alert?.shelf?.endedBy).toBe('Omar');
    t.pass(120 * MINUTE);
    expect(t.said().filter((said) => said === 'unshelved')).toHaveLength(1);
    expect(t.command({ kind: 'unshelve' }).error).toBe('alert 1 is not put aside');
  });

  it('needs a name, a reason and a bounded time', () => {
    const t = open();
    const now = t.r.nowMs;
    const HOUR = 60 * MINUTE;
    const tries = [
      { ...aside(HOUR, now), by: ' ' },
      { ...aside(HOUR, now), reason: '' },
      aside(0, now),
      aside(-1, now),
      aside(8 * HOUR + 1, now),
      aside(Number.NaN, now),
      { ...aside(HOUR, now), alert: 77 },
    ];
    for (const one of tries) expect(t.command(one).error).toBeTypeOf('string');
    expect(t.command(aside(8 * HOUR, now)).error).toBeUndefined();
    expect(t.said()).toEqual(['raised', 'shelved']);
  });

  it('that closes meanwhile does not come back', () => {
    const t = open();
    t.command(aside(60 * MINUTE, t.r.nowMs));
    t.command(ANSWER);
    for (let i = 0; i < 5; i += 1) t.reading(10);
    t.pass(120 * MINUTE);
    expect(t.said()).toEqual(['raised', 'shelved', 'acknowledged', 'closed']);
  });
});
