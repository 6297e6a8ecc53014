import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { policyOf } from '../../agent/alerts/policy.ts';
import { type Delivery, emptyDelivery } from '../../agent/batch.ts';
import { tagNumbers } from '../../agent/core/cycles/plan.ts';
import type { Reducer } from '../../agent/core/reducer.ts';
import { reducerOf } from '../../agent/core/serve.ts';
import { QUALITY, type QualityName } from '../../agent/model.ts';
import { readSettings, sayProblems } from '../../agent/settings/load.ts';
import type { Settings } from '../../agent/settings/schema.ts';
import { type Collected, collect, encode, feed, type Input } from '../support/reducer.ts';

/** One line of readings.csv: a reading, or with `!` before its first word something else. */
interface Row {
  timeMs: number;
  what: string;
  stream: string;
  sequence: number;
  value: string;
  quality: string;
  /** a comment stands before it: what follows is a delivery of its own */
  apart: boolean;
}

/** What a case gives, short enough to be read: one text per row. */
export interface Outcome {
  points: string[];
  signals: string[];
  alerts: string[];
  limits: string[];
  gaps: string[];
  end: Record<string, unknown>;
}

/** Runs a folder of settings.yaml and readings.csv; `together` puts readings into one batch. */
export function runCase(folder: string, together: boolean): Outcome {
  const settings = settingsOf(join(folder, 'settings.yaml'));
  const { characteristics, cycles, groups } = settings;
  const sources = Object.keys(settings.sources);
  const names = new Map<string, number>();
  const reducer = reducerOf(
    { characteristics, cycles, groups, sources, alerts: policyOf(settings.alerts) },
    {
      numbers(wanted) {
        wanted.forEach((id, at) => {
          names.set(id, at);
        });
        return names;
      },
    },
  );
  for (const source of sources) {
    for (const [tag, at] of tagNumbers(source, characteristics, cycles, names)) names.set(tag, at);
  }
  const out = collect();
  const rows = rowsOf(readFileSync(join(folder, 'readings.csv'), 'utf8'));
  for (const input of inputsOf(rows, names, together)) {
    feed(reducer, input, out);
    const made = reducer.features();
    if (made !== null) feed(reducer, { kind: 'batch', bytes: new Uint8Array(made) }, out);
  }
  return outcomeOf(reducer, out, rows.at(-1)?.timeMs ?? 0);
}

function settingsOf(file: string): Settings {
  const { settings, problems } = readSettings(readFileSync(file, 'utf8'), file, {});
  if (settings === null) throw new Error(sayProblems(problems, file));
  return settings;
}

function rowsOf(text: string): Row[] {
  const lines = text.trim().split('\n').slice(1);
  return lines.flatMap((line, i) => {
    if (line.startsWith('#')) return [];
    const [timeMs = '', what = '', stream = '', sequence = '', value = '', quality = ''] = line
      .split(',')
      .map((cell) => cell.trim());
    const number = sequence === '' ? Number.NaN : Number(sequence);
    const apart = lines[i - 1]?.startsWith('#') === true;
    return { timeMs: Number(timeMs), what, stream, sequence: number, value, quality, apart };
  });
}

type Names = ReadonlyMap<string, number>;

/** Readings of one stream, time and number are one delivery, as from a PLC. */
function inputsOf(rows: readonly Row[], names: Names, together: boolean): Input[] {
  const inputs: Input[] = [];
  let open: Delivery[] = [];
  const close = () => {
    if (open.length > 0) inputs.push({ kind: 'batch', bytes: encode(open) });
    open = [];
  };
  rows.forEach((row, i) => {
    if (row.what.startsWith('!')) {
      close();
      inputs.push(otherInput(row));
      return;
    }
    const before = rows[i - 1];
    const same = (key: 'timeMs' | 'stream' | 'sequence') => Object.is(before?.[key], row[key]);
    const joins = !row.apart && same('timeMs') && same('stream') && same('sequence');
    if (!joins && !together) close();
    if (!joins || open.length === 0) open.push(deliveryOf(row));
    addReading(open.at(-1) as Delivery, row, names);
  });
  close();
  return inputs;
}

function deliveryOf(row: Row): Delivery {
  return emptyDelivery({
    stream: `plc/${row.stream || 'main'}`,
    context: Number.isNaN(row.sequence) ? '' : JSON.stringify({ serial: `P${row.sequence}` }),
    raw: new TextEncoder().encode(JSON.stringify(row)),
    // The source has a clock of its own and is read a little later.
    receiveMs: row.timeMs + 1,
  });
}

function addReading(delivery: Delivery, row: Row, names: Names): void {
  const tag = names.get(row.what);
  if (tag === undefined)
    throw new Error(`readings.csv names '${row.what}', which the settings do not`);
  const quality = (row.quality || 'GOOD') as QualityName;
  if (QUALITY[quality] === undefined) throw new Error(`unknown quality '${row.quality}'`);
  delivery.count += 1;
  delivery.tag.push(tag);
  delivery.value.push(row.value === '' ? Number.NaN : Number(row.value));
  delivery.quality.push(QUALITY[quality]);
  delivery.sourceMs.push(row.timeMs);
  delivery.sequence.push(row.sequence);
}

function otherInput({ what, timeMs, stream, value }: Row): Input {
  if (what === '!start' || what === '!tick') {
    return { kind: 'tick', nowMs: timeMs, start: what === '!start' };
  }
  if (what === '!acknowledge') {
    const answer = { by: 'Bilal', cause: 'insert worn', action: 'insert changed', comment: '' };
    const alert = Number(value);
    return { kind: 'command', command: { kind: 'acknowledge', alert, ...answer, timeMs } };
  }
  if (what === '!approve') {
    const command = { characteristic: stream, version: Number(value), by: 'Sana', timeMs };
    return { kind: 'command', command: { kind: 'approve', ...command } };
  }
  throw new Error(`readings.csv: '${what}' is none of !start, !tick, !acknowledge, !approve`);
}

function outcomeOf(reducer: Reducer, out: Collected, nowMs: number): Outcome {
  const lists = new Map(reducer.summaries(nowMs).map((s) => [s.id, s.rules]));
  const names = (id: string, bits: number) =>
    (lists.get(id) ?? []).filter((_, i) => (bits & (1 << i)) !== 0).join(' ');
  return {
    points: out.points.map((p) =>
      say(
        `${p.characteristic} ${p.chart} ${p.index}: ${n(p.value)} in ${n(p.lcl)}…${n(p.ucl)}`,
        p.spread === null ? '' : `spread ${n(p.spread)} in ${n(p.spreadLcl)}…${n(p.spreadUcl)}`,
        p.z === null ? '' : `z ${n(p.z)}`,
        names(p.characteristic, p.rules),
        p.spreadRules === 0 ? '' : `spread breaks ${names(p.characteristic, p.spreadRules)}`,
        p.phase === 1 ? 'provisional' : '',
      ),
    ),
    signals: out.signals.map((s) =>
      say(
        `${s.characteristic} ${s.chart} ${s.pointIndex}: ${s.rule} ${s.statistic} ${s.side}`,
        s.severity,
        s.provisional ? 'provisional' : '',
      ),
    ),
    alerts: out.alerts.map(({ alert: a, transition, timeMs }) =>
      say(
        `${timeMs}: ${transition} ${a.id} ${a.kind} of ${a.subject}, ${a.severity}, ${a.state}`,
        `count ${a.count}`,
        a.rules.join(' '),
        a.title,
      ),
    ),
    limits: out.limitsSeen.map((l) =>
      say(
        `${l.characteristic} version ${l.version} ${l.origin}: ${n(l.center)} sigma ${n(l.sigma)}`,
        `${l.estimator}, ${l.subgroups} points, ${l.readings} readings`,
        l.approvedBy === null ? '' : `approved by ${l.approvedBy}`,
      ),
    ),
    gaps: out.gaps.map((g) => `${g.timeMs}: ${g.stream} misses ${g.from}…${g.to}, ${g.missed}`),
    end: {
      ...reducer.figures,
      ...Object.fromEntries(
        reducer
          .summaries(nowMs)
          .map((s) => [
            s.id,
            `${s.status}, ${s.readings} good, ${s.badReadings} bad, ` +
              `${s.outOfTolerance} out of tolerance, ${s.openAlerts} open alerts`,
          ]),
      ),
    },
  };
}

const say = (...parts: string[]) => parts.filter((part) => part !== '').join(', ');

/** Nine digits: more than anybody computes by hand, and the same on every machine. */
function n(value: number | null): string {
  return value === null ? '-' : String(Number(value.toPrecision(9)));
}
