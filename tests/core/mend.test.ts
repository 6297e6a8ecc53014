import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alertSettings, policyOf } from '../../agent/alerts/policy.ts';
import type { CoreOptions, FromCore } from '../../agent/core/protocol.ts';
import { serveCore } from '../../agent/core/serve.ts';
import { checkStore } from '../../agent/store/checks.ts';
import { passing } from '../../agent/store/errors.ts';
import { openReader } from '../../agent/store/reader.ts';
import { openWriter, type StoreWriter } from '../../agent/store/writer.ts';
import { checkedRow, encode } from '../support/reducer.ts';

const T0 = 1_700_000_000_000;

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meyar-mend-'));
  file = join(folder, 'meyar.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const row = (id: string, more = {}) =>
  checkedRow(id, {
    ...{ lsl: 5, usl: 15, unit: 'mm', noDataAfter: '1d' },
    subgroup: { kind: 'by-count', size: 1 },
    limits: { kind: 'baseline', subgroups: 20 },
    ...more,
  });

const OPTIONS: CoreOptions = {
  file: '',
  settings: {
    characteristics: { od: row('od'), bore: row('bore') },
    alerts: policyOf(alertSettings.parse({})),
    sources: ['s'],
  },
  commitEveryMs: 20,
  commitReadings: 1,
  snapshotEveryMs: 100,
  newStoreId: 'mend',
  readers: [],
  space: { ballastBytes: 0, minFreeBytes: 0 },
  retention: { journalKeepMs: 1e12, historyKeepMs: 1e12, maxBytes: 1e12 },
};

interface Life {
  store: StoreWriter;
  posted: FromCore[];
  /** so many counted parts of one stream, alternating over both characteristics */
  parts(from: number, to: number, value?: (part: number) => number): void;
  /** ends in order, or as a killed agent does: without a last snapshot */
  end(killed?: boolean): void;
}

let ms = 0;

function live(): Life {
  const clock = { now: () => T0 + ms, monotonic: () => ms };
  const store = openWriter(file, { monotonic: clock.monotonic });
  const posted: FromCore[] = [];
  const core = serveCore({
    ...{ store, clock, passing, options: { ...OPTIONS, file } },
    post: (message) => posted.push(message),
    later: () => () => {},
  });
  let id = 0;
  return {
    store,
    posted,
    parts(from, to, value = (part) => 10 + 0.1 * Math.sin(7 * part)) {
      for (let part = from; part <= to; part += 1) {
        ms += 50;
        const at = { receiveMs: T0 + ms, sourceMs: [T0 + ms], sequence: [part] };
        const reading = { stream: 's/x', tag: [part % 2], value: [value(part)], ...at };
        id += 1;
        const buffer = encode([reading]).slice().buffer as ArrayBuffer;
        core.take({ type: 'batch', id, buffer }, false);
      }
    },
    end(killed = false) {
      if (!killed) core.take({ type: 'stop' }, false);
      store.close();
    },
  };
}

/** Flips one bit in the text of a saved state. */
function spoil(key: string): void {
  const db = new DatabaseSync(file);
  const json = String(db.prepare('SELECT json FROM state WHERE key = ?').get(key)?.['json']);
  const at = json.search(/\d/);
  const text = json.slice(0, at) + (Number(json[at]) ^ 1) + json.slice(at + 1);
  expect(text).not.toBe(json);
  db.prepare('UPDATE state SET json = ? WHERE key = ?').run(text, key);
  db.close();
}

function looked<T>(look: (reader: ReturnType<typeof openReader>) => T): T {
  const reader = openReader(file);
  try {
    return look(reader);
  } finally {
    reader.close();
  }
}

const summary = (life: Life, id: string) =>
  life.posted
    .flatMap((m) => (m.type === 'ready' ? m.ready.summaries : []))
    .find((one) => one.id === id);

describe('a damaged row of the saved state', () => {
  it.each([false, true])('of a characteristic: limits and counts go on (killed: %s)', (killed) => {
    const first = live();
    first.parts(1, 83);
    first.end(killed);
    const limits = looked((reader) => reader.limits('od'));
    expect(limits).toHaveLength(1);
    const before = looked((reader) => reader.points('od', { limit: 1 }))[0];
    spoil('characteristic:od');
    expect(checkStore(file).found).toEqual(['saved state characteristic:od is damaged']);

    const second = live();
    expect(second.store.opened).toMatchObject({ quarantined: null, created: false });
    expect(summary(second, 'od')).toMatchObject({ readings: 41, limits: limits[0] });
    expect(summary(second, 'bore')).toMatchObject({ readings: 42 });
    second.parts(84, 90);
    second.end();
    const after = looked((reader) => reader.points('od', { limit: 4 }));
    const index = before?.index ?? 0;
    expect(after.map((p) => p.index)).toEqual([1, 2, 3, 4].map((n) => index + n));
    expect(after.at(-1)).toMatchObject({ limitsVersion: 1, phase: 2, ucl: before?.ucl });
    expect(looked((reader) => reader.limits('od'))).toEqual(limits);
    const text = looked((reader) => reader.events(1))[0]?.text;
    expect(text).toBe(
      'a part of the saved state was damaged: ' +
        'od: its limits are those of version 1, its memory of runs began anew',
    );
    expect(looked((reader) => reader.alerts({ limit: 9 })).map((a) => a.kind)).toContain('source');
    expect(checkStore(file).found).toEqual([]);
    // Said once.
    live().end();
    expect(looked((reader) => reader.events(9)).filter((e) => /damaged/.test(e.text))).toHaveLength(
      1,
    );
  });

  it('of one that still learns: it learns anew', () => {
    const first = live();
    first.parts(1, 21);
    first.end();
    spoil('characteristic:od');
    const second = live();
    second.parts(22, 59);
    second.end();
    expect(looked((reader) => reader.events(1))[0]?.text).toContain('had learned, began anew');
    // 10 before, 19 since: no limits yet. The other one has seen 30.
    expect(looked((reader) => reader.limits('od'))).toEqual([]);
    expect(looked((reader) => reader.limits('bore'))).toHaveLength(1);
  });

  it('of a stream: what was heard of it is known from the journal, and not counted twice', () => {
    const first = live();
    first.parts(1, 50);
    first.end();
    spoil('stream:s/x');
    const second = live();
    second.parts(31, 55);
    second.end();
    expect(looked((reader) => reader.events(1))[0]?.text).toContain('read from the journal again');
    const sequences = (id: string) =>
      looked((reader) => reader.readings(id, 99)).map((r) => r.sequence);
    expect(
      [...sequences('od'), ...sequences('bore')].sort((a, b) => Number(a) - Number(b)),
    ).toEqual(Array.from({ length: 55 }, (_, n) => n + 1));
    expect(looked((reader) => reader.gaps(9))).toEqual([]);
  });

  it.each(['alerts', 'alerts:0'])('%s: alerts go on, none is told twice', (key) => {
    const first = live();
    first.parts(1, 60);
    first.parts(61, 62, () => 20);
    first.end();
    const before = looked((reader) => reader.alerts({ limit: 9 }));
    expect(before.length).toBeGreaterThan(1);
    spoil(key);
    const second = live();
    // Still out of tolerance: the same episode. Then another alert, under the next number.
    second.parts(63, 64, () => 20);
    second.end();
    const after = looked((reader) => reader.alerts({ limit: 9 }));
    const ids = (list: typeof after) => list.map((a) => `${a.id} ${a.kind} ${a.subject}`).sort();
    const highest = Math.max(...before.map((a) => a.id));
    expect(ids(after)).toEqual([...ids(before), `${highest + 1} source store`].sort());
    const transitions = looked((reader) => reader.alertEvents(0, 99));
    const raised = transitions.filter((e) => e.transition === 'raised').map((e) => e.alert.id);
    expect(new Set(raised).size).toBe(raised.length);
  });

  it('all of them: it goes on with what the rest of the store tells', () => {
    const first = live();
    first.parts(1, 83);
    first.end(true);
    const db = new DatabaseSync(file);
    const keys = db.prepare('SELECT key FROM state').all();
    db.exec("UPDATE state SET json = '{' || json");
    db.close();
    expect(keys.length).toBeGreaterThan(6);
    const second = live();
    expect(second.store.opened.quarantined).toBeNull();
    second.parts(80, 90);
    second.end();
    expect(looked((reader) => reader.readings('od', 99)).length).toBe(45);
    expect(looked((reader) => reader.points('bore', { limit: 1 }))[0]).toMatchObject({
      index: 45,
      limitsVersion: 1,
    });
  });
});
