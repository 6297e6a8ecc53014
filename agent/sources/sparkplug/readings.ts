import { type Delivery, emptyDelivery } from '../../batch.ts';
import { FIRST_BAD_QUALITY, QUALITY } from '../../model.ts';
import { isPlausible } from '../mqtt/numbers.ts';
import type { SparkplugCounters } from './counters.ts';
import type { Meta, Table } from './nodes.ts';
import { type Metric, type Payload, VALUE } from './payload.ts';
import type { SparkplugSettings } from './settings.ts';
import type { Address } from './topics.ts';
import { fitsType, isBoolean, isNumeric, numberOf, qualityOf, textOf } from './values.ts';

/** Turns the metrics of one message into one delivery. */
export interface Readings {
  /** returns how many readings were handed over, and why some metrics could not be read */
  take(t: Message): { readings: number; trouble: Trouble };
}

/** No birth; an alias that is not believed; a kept table that does not fit what is said. */
type Trouble = '' | 'birth' | 'alias' | 'misfit';

/** One decoded message with what is known of its sender. */
export interface Message {
  address: Address;
  table: Table;
  payload: Payload;
  raw: Buffer;
  receiveMs: number;
  redelivered: boolean;
  /** values may be handed over; a birth may only refresh the context */
  values: boolean;
  number(address: Address, metric: string): number;
  /** its table is one of before a restart */
  kept: boolean;
}

const MAX_CONTEXT_TEXT = 64;
const MAX_LEARNED = 10_000;

export function createReadings(
  own: Pick<SparkplugSettings, 'sequence' | 'context' | 'trustAliases'>,
  deliver: (delivery: Delivery) => void,
  counters: SparkplugCounters,
): Readings {
  const d = emptyDelivery();
  const contextMetrics = new Set(Object.values(own.context));
  return {
    take(t) {
      let trouble: Trouble = '';
      const known: { metric: Metric; meta: Meta }[] = [];
      for (const metric of t.payload.metrics) {
        const meta = metaOf(t, metric, own.trustAliases);
        if (typeof meta === 'string') {
          trouble = trouble === 'misfit' ? trouble : meta;
          counters[meta === 'birth' ? 'withoutBirth' : 'untrustedAliases'] += 1;
        } else known.push({ metric, meta });
      }
      // One that does not fit says that the others may only seem to.
      if (trouble === 'misfit') return { readings: 0, trouble };
      for (const { metric, meta } of known) {
        if (!contextMetrics.has(meta.name)) continue;
        const text = textOf(metric, metric.datatype || meta.datatype);
        t.table.context.set(meta.name, text.slice(0, MAX_CONTEXT_TEXT));
      }
      if (!t.values) return { readings: 0, trouble };
      d.count = 0;
      d.stream = `${t.address.group}/${t.address.node}/${t.address.device}`.slice(0, 256);
      d.context = contextText(own.context, t.table);
      d.raw = t.raw;
      d.receiveMs = t.receiveMs;
      d.redelivered = t.redelivered;
      const counts = known.filter(({ meta }) => meta.name === own.sequence);
      for (const { metric, meta } of known) {
        if (meta.tag >= 0) put(d, t, metric, meta, sequenceFor(metric, counts), counters);
      }
      if (d.count > 0) {
        counters.readings += d.count;
        deliver(d);
      }
      return { readings: d.count, trouble };
    },
  };
}

/** What a metric is, or why that cannot be known: no birth, or an alias that is not believed. */
function metaOf(t: Message, m: Metric, trustAliases: boolean): Meta | Exclude<Trouble, ''> {
  const { table } = t;
  if (m.name !== null) {
    const known = table.byName.get(m.name);
    if (known !== undefined) return known;
    // A name with its type says all there is to know, birth or not.
    const datatype = m.datatype !== 0 ? m.datatype : FLOATING[m.field];
    if (datatype === undefined) return 'birth';
    const meta = { name: m.name, datatype, tag: t.number(t.address, m.name) };
    if (table.byName.size < MAX_LEARNED) table.byName.set(m.name, meta);
    return meta;
  }
  const known = m.alias === null ? undefined : table.byAlias.get(m.alias);
  if (known === undefined) return t.kept && table.born ? 'misfit' : 'birth';
  if (t.kept && !fitsType(m, known.datatype)) return 'misfit';
  return table.trusted || trustAliases ? known : 'alias';
}

const FLOATING: Record<number, number> = { [VALUE.float]: 9, [VALUE.double]: 10 };

function put(
  d: Delivery,
  t: Message,
  m: Metric,
  meta: Meta,
  sequence: number,
  counters: SparkplugCounters,
): void {
  const datatype = m.datatype || meta.datatype;
  if (!isNumeric(datatype) && !isBoolean(datatype)) {
    counters.notNumeric += 1;
    return;
  }
  const value = numberOf(m, datatype);
  const said = qualityOf(m);
  const timeMs = m.timestamp ?? t.payload.timestamp ?? t.receiveMs;
  const believed = isPlausible(timeMs, t.receiveMs);
  if (!believed) counters.clockCorrected += 1;
  const bad = Number.isNaN(value);
  if (bad) counters.badValues += 1;
  if (m.historical) counters.historical += 1;
  const i = d.count;
  d.tag[i] = meta.tag;
  d.value[i] = value;
  d.sourceMs[i] = believed ? timeMs : t.receiveMs;
  d.sequence[i] = sequence;
  const quality = qualityFor(bad, said, believed);
  const doubted = m.name === null && t.table.unsure && quality < FIRST_BAD_QUALITY;
  if (doubted) counters.unsureAliases += 1;
  d.quality[i] = doubted ? unsure(quality) : quality;
  d.count = i + 1;
}

/** Its name may be another by now; what is worse, or goes the way of history, stays so. */
const unsure = (quality: number): number =>
  quality === QUALITY.GOOD || quality === QUALITY.UNCERTAIN_CLOCK
    ? QUALITY.UNCERTAIN_ALIAS
    : quality;

function qualityFor(bad: boolean, said: number, believed: boolean): number {
  if (bad && said < QUALITY.BAD_CONFIG) return QUALITY.BAD_VALUE;
  return said === QUALITY.GOOD && !believed ? QUALITY.UNCERTAIN_CLOCK : said;
}

/** The counter of the same instant, or the only one of the message. */
function sequenceFor(m: Metric, counts: readonly { metric: Metric; meta: Meta }[]): number {
  const same =
    counts.length === 1 ? counts[0] : counts.find((c) => c.metric.timestamp === m.timestamp);
  if (same === undefined) return Number.NaN;
  return numberOf(same.metric, same.metric.datatype || same.meta.datatype);
}

function contextText(names: Readonly<Record<string, string>>, table: Table): string {
  const found: Record<string, string> = {};
  let any = false;
  for (const [key, metric] of Object.entries(names)) {
    const value = table.context.get(metric);
    if (value === undefined || value === '') continue;
    found[key] = value;
    any = true;
  }
  return any ? JSON.stringify(found) : '';
}
