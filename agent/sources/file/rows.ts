import { type Delivery, emptyDelivery } from '../../batch.ts';
import { QUALITY } from '../../model.ts';
import { messageOf } from '../../runtime/errors.ts';
import { rowOf, splitCsv } from '../csv-line.ts';
import { contextText } from '../mqtt/context.ts';
import { isPlausible, toNumber, toTimeMs } from '../mqtt/numbers.ts';
import { type Getter, getter } from '../mqtt/paths.ts';
import { parseJson } from '../mqtt/payload.ts';
import type { FileSettings } from './settings.ts';
import { compilePattern } from './time.ts';

/** Turns the lines of one file into deliveries. */
export interface RowReader {
  /**
   * Reads a line, counted as `number`; returns how many readings it gave.
   * Throws a LineError with the reason when the line cannot be read.
   */
  line(bytes: Buffer, number: number, receiveMs: number): number;
}

/** Why a line cannot be read, in words for people. */
export class LineError extends Error {
  override name = 'LineError';
}

export interface RowOptions {
  own: FileSettings;
  /** name of the file: what its lines are counted by */
  file: string;
  tagNumber(tag: string): number;
  /** a line of this source time comes after it should: history, not the process as it runs */
  late(sourceMs: number): boolean;
  deliver(delivery: Delivery): void;
}

const PLACE = /\{([^}]+)\}/g;
const MAX_TAGS = 10_000;

/** A reader begins with the first line of a file: that one may name the columns. */
export function rowReader(o: RowOptions): RowReader {
  const { own } = o;
  const d = emptyDelivery({ stream: o.file.slice(0, 256), sparse: true });
  const time = timeReader(own);
  const values = Object.entries(own.values).map(([tag, path]) => ({
    number: tagFinder(tag.replaceAll('{file}', o.file), o.tagNumber),
    get: getter(path),
  }));
  const context = Object.entries(own.context).map(([name, text]) => ({
    key: `${JSON.stringify(name)}:`,
    text: text.includes('{file}') ? text.replaceAll('{file}', o.file) : null,
    get: text.includes('{file}') ? null : getter(text),
  }));
  const parse = parser(own);
  return {
    line(bytes, number, receiveMs) {
      const row = parse(textOf(own, bytes));
      if (row === null) return 0;
      d.count = 0;
      for (const { number: find, get } of values) {
        const tag = find(row);
        const value = tag < 0 ? undefined : get(row);
        if (value === undefined) continue;
        d.tag[d.count] = tag;
        d.value[d.count] = toNumber(value);
        d.count += 1;
      }
      if (d.count === 0) return 0;
      const sourceMs = time(row);
      if (!isPlausible(sourceMs, receiveMs)) throw new LineError('no source time that can be');
      const quality = o.late(sourceMs) ? QUALITY.UNCERTAIN_LATE : QUALITY.GOOD;
      for (let i = 0; i < d.count; i += 1) {
        d.quality[i] = Number.isNaN(d.value[i]) ? QUALITY.BAD_VALUE : quality;
        d.sourceMs[i] = sourceMs;
        d.sequence[i] = number;
      }
      d.context = contextText(context, row, row);
      d.raw = bytes;
      d.receiveMs = receiveMs;
      o.deliver(d);
      return d.count;
    },
  };
}

/** Without the mark that some programs put before the first line. */
function textOf(own: FileSettings, bytes: Buffer): string {
  const text = bytes.toString(own.encoding);
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** Line → object; null for a line that holds no part: a blank one, or the names of the columns. */
function parser(own: FileSettings): (text: string) => unknown {
  const fields: string[] = [];
  let columns = own.columns;
  return (text) => {
    if (text.trim() === '') return null;
    if (own.format === 'jsonl') {
      try {
        return parseJson(text);
      } catch (error) {
        throw new LineError(messageOf(error));
      }
    }
    const fault = splitCsv(text, own.delimiter, fields);
    if (fault !== undefined) throw new LineError(fault);
    if (columns === undefined) {
      columns = [...fields];
      return null;
    }
    if (fields.length < columns.length) {
      throw new LineError(`${fields.length} fields instead of ${columns.length}`);
    }
    return rowOf(columns, fields);
  };
}

function timeReader({ time }: FileSettings): (row: unknown) => number {
  const gets = (typeof time.path === 'string' ? [time.path] : time.path).map(getter);
  const form = time.pattern === undefined ? null : compilePattern(time.pattern);
  return (row) => {
    const raw = gets.length === 1 ? gets[0]?.(row) : gets.map((get) => get(row)).join(' ');
    if (form === null) return toTimeMs(raw, time.unit);
    return typeof raw === 'string' ? form(raw) : Number.NaN;
  };
}

/** A tag with {column} in its name is looked up per line, and remembered. */
function tagFinder(tag: string, tagNumber: (tag: string) => number): (row: unknown) => number {
  const places = [...tag.matchAll(PLACE)].map((match) => match[1] ?? '');
  if (places.length === 0) {
    const number = tagNumber(tag);
    return () => number;
  }
  const getters = new Map<string, Getter>(places.map((place) => [place, getter(place)]));
  const known = new Map<string, number>();
  return (row) => {
    const filled = tag.replace(PLACE, (_, place: string) =>
      String(getters.get(place)?.(row) ?? ''),
    );
    const found = known.get(filled);
    if (found !== undefined) return found;
    const number = tagNumber(filled);
    if (known.size < MAX_TAGS) known.set(filled, number);
    return number;
  };
}
