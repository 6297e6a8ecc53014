import { emptyDelivery } from '../../batch.ts';
import { QUALITY } from '../../model.ts';
import { nameTest } from '../file/folder.ts';
import { contextText } from '../mqtt/context.ts';
import type { DeadLetters } from '../mqtt/dead-letters.ts';
import { toNumber } from '../mqtt/numbers.ts';
import { expand } from '../mqtt/topics.ts';
import type { SourceContext } from '../source.ts';
import { compileForm } from './form.ts';
import type { LinesSettings } from './settings.ts';

/** What a source of lines counts, by the names that health shows. */
export interface LineCounters {
  lines: number;
  readings: number;
  badLines: number;
  skippedLines: number;
  unknownUnits: number;
  droppedLines: number;
  requests: number;
  reconnects: number;
}

/** Turns one line into a delivery; true when it was a result. */
export type LineReader = (line: Buffer, whole: boolean, receiveMs: number) => boolean;

/** A clock that was set back further than this is followed at once. */
const STEPPED_BACK_MS = 1000;

export function lineReader(
  own: LinesSettings,
  context: SourceContext,
  counters: LineCounters,
  letters: DeadLetters,
): LineReader {
  const { line } = own;
  const numbers = new Set(Object.values(line.values));
  const form = compileForm(line.form, numbers);
  if (typeof form === 'string') throw new Error(form);
  const skips = line.skip.map(nameTest);
  const parts = contextParts(own);
  const factor = factors(line.units);
  const d = emptyDelivery({ stream: 'line' });
  let lastMs = 0;
  return (bytes, whole, receiveMs) => {
    counters.lines += 1;
    const text = plain(bytes.toString('latin1'));
    if (skips.some((skip) => skip(text))) {
      counters.skippedLines += 1;
      return false;
    }
    const found = whole ? form.read(text) : `longer than ${line.maxBytes} bytes (maxBytes)`;
    if (typeof found === 'string') {
      counters.badLines += 1;
      letters.add(receiveMs, own.url, found, bytes, bytes.length);
      return false;
    }
    const by = factor(found['unit']);
    if (by === null) counters.unknownUnits += 1;
    // Two equal results within one millisecond are two: their times tell them apart.
    const later = receiveMs > lastMs || receiveMs < lastMs - STEPPED_BACK_MS;
    lastMs = later ? receiveMs : lastMs + 1;
    d.count = 0;
    for (const [tag, name] of Object.entries(line.values)) {
      const number = context.tagNumber(expand(tag, found));
      if (number < 0) continue;
      const value = by === null ? Number.NaN : scaled(toNumber(found[name]), by);
      const i = d.count;
      d.tag[i] = number;
      d.value[i] = value;
      d.quality[i] =
        by === null ? QUALITY.BAD_CONFIG : Number.isNaN(value) ? QUALITY.BAD_VALUE : QUALITY.GOOD;
      d.sourceMs[i] = lastMs;
      d.sequence[i] = Number.NaN;
      d.count = i + 1;
    }
    if (d.count === 0) return true;
    d.context = contextText(parts, found, found);
    d.raw = bytes;
    d.receiveMs = receiveMs;
    counters.readings += d.count;
    context.deliver(d);
    return true;
  };
}

/** A gauge may put STX and ETX around its text. */
function plain(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && text.charCodeAt(from) <= 32) from += 1;
  while (to > from && text.charCodeAt(to - 1) <= 32) to -= 1;
  return text.slice(from, to);
}

/** 0.5 in × 25.4 is 12.7, not 12.700000000000001: no gauge has more than twelve digits. */
const scaled = (value: number, by: number) =>
  by === 1 ? value : Number((value * by).toPrecision(12));

function factors(units: Readonly<Record<string, number>> | undefined) {
  if (units === undefined) return () => 1;
  const known = new Map(Object.entries(units).map(([unit, by]) => [unit.toLowerCase(), by]));
  return (unit: string | undefined) => known.get((unit ?? '').toLowerCase()) ?? null;
}

function contextParts({ gauge, operator, context }: LinesSettings) {
  const named = {
    ...(gauge === undefined ? {} : { gauge }),
    ...(operator === undefined ? {} : { operator }),
    ...context,
  };
  return Object.entries(named).map(([name, text]) => ({
    key: `${JSON.stringify(name)}:`,
    text: text.includes('{') ? null : text,
    get: text.includes('{') ? (row: unknown) => expand(text, row as Record<string, string>) : null,
  }));
}
