import { alertSettings, policyOf } from '../../../agent/alerts/policy.ts';
import { batchBuilder, decodeBatch } from '../../../agent/batch.ts';
import { cycleSettings } from '../../../agent/core/cycles/settings.ts';
import type { Outputs } from '../../../agent/core/outputs.ts';
import type { Reducer } from '../../../agent/core/reducer.ts';
import { reducerOf } from '../../../agent/core/serve.ts';
import { checkedRow } from '../../support/reducer.ts';

/** A reading of a tag: when (ms), of what, the value, its quality. */
export type Tagged = readonly [atMs: number, tag: string, value: number, quality?: number];

/** A reading of a characteristic that the core made. */
export interface Made {
  id: string;
  value: number;
  quality: number;
  atMs: number;
  stream: string;
  context: string;
}

/** A core with features of cycles; what is given is taken in delivery by delivery. */
export interface CycleRig {
  /** one delivery of these readings */
  take(readings: readonly Tagged[], context?: string): void;
  made: Made[];
  /** readings that ended up with characteristics, as [id, value] */
  kept: [string, number][];
  /** the journal: every batch that went in, features among them */
  frames: Uint8Array[];
  reducer: Reducer;
  ids: readonly string[];
}

export type Features = Record<string, Record<string, unknown>>;

/** `features` by characteristic, of the tag `p` unless another is named. */
export function cycleRig(
  features: Features,
  cycle: Record<string, unknown>,
  plain: readonly string[] = [],
): CycleRig {
  const units: Record<string, string> = {
    ...{ area: 'bar·s', slope: 'bar/s', duration: 's' },
    ...{ 'time-to-peak': 's', 'settling-time': 's' },
  };
  const rows = Object.entries(features).map(([id, { tag = 'p', ...feature }]) => {
    const unit = units[String(feature['kind'])] ?? 'bar';
    return [id, checkedRow(id, { tag, unit, feature: { cycle: 'c', ...feature } })] as const;
  });
  const charted = plain.map((tag) => [tag, checkedRow(tag, { tag })] as const);
  const settings = {
    characteristics: Object.fromEntries([...rows, ...charted]),
    cycles: { c: cycleSettings.parse({ source: 's', ...cycle }) },
    alerts: policyOf(alertSettings.parse({})),
    sources: ['s'],
  };
  const ids: string[] = [];
  const numbers = (wanted: readonly string[]) => {
    for (const id of wanted) if (!ids.includes(id)) ids.push(id);
    return new Map(ids.map((id, at) => [id, at]));
  };
  const reducer = reducerOf(settings, { numbers });
  const rig: CycleRig = { take, made: [], kept: [], frames: [], reducer, ids };
  const out = silent((number, value) => rig.kept.push([ids[number] ?? '', value]));
  function take(readings: readonly Tagged[], context = ''): void {
    const number = (tag: string) => {
      const at = ids.indexOf(plain.includes(tag) ? tag : `tag:s/${tag}`);
      if (at < 0) throw new Error(`nobody reads '${tag}'`);
      return at;
    };
    const builder = batchBuilder();
    builder.add({
      ...{ stream: 's/m', context, raw: new Uint8Array(0), modulus: 0, redelivered: false },
      receiveMs: 1e6 + (readings[0]?.[0] ?? 0),
      count: readings.length,
      tag: readings.map(([, tag]) => number(tag)),
      value: readings.map(([, , value]) => value),
      quality: readings.map(([, , , quality = 0]) => quality),
      sourceMs: readings.map(([atMs]) => 1e6 + atMs),
      sequence: readings.map(() => Number.NaN),
    });
    let next: ArrayBuffer | null = builder.take();
    for (; next !== null; next = reducer.features()) put(new Uint8Array(next), rig, out);
  }
  return rig;
}

function put(bytes: Uint8Array, rig: CycleRig, out: Outputs): void {
  const batch = decodeBatch(bytes);
  const own = rig.frames.length > 0 && batch.deliveries > 0 && batch.stream(0) === 's/cycle:c';
  rig.frames.push(bytes.slice());
  rig.reducer.batch(batch, out);
  if (!own) return;
  for (let d = 0; d < batch.deliveries; d += 1) {
    const end = batch.first[d + 1] ?? batch.readings;
    for (let i = batch.first[d] as number; i < end; i += 1) {
      rig.made.push({
        id: rig.ids[batch.characteristic[i] as number] ?? '',
        value: batch.value[i] as number,
        quality: batch.quality[i] as number,
        atMs: (batch.sourceMs[i] as number) - 1e6,
        stream: batch.stream(d),
        context: batch.context(d),
      });
    }
  }
}

/** Outputs that only hear readings. */
export const silent = (reading: (number: number, value: number) => void): Outputs => ({
  point() {},
  signal() {},
  alert() {},
  limits() {},
  gap() {},
  reading: (number, _, value) => reading(number, value),
});
