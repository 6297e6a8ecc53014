import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { policyOf } from '../../agent/alerts/policy.ts';
import { batchBuilder, decodeBatch } from '../../agent/batch.ts';
import { tagNumbers } from '../../agent/core/cycles/plan.ts';
import type { Outputs } from '../../agent/core/outputs.ts';
import type { Reducer } from '../../agent/core/reducer.ts';
import { reducerOf } from '../../agent/core/serve.ts';
import { plants } from '../../agent/plants/index.ts';
import type { About, Stations } from '../../agent/plants/station.ts';
import { readSettings } from '../../agent/settings/load.ts';
import { delivery } from '../support/sink-journal.ts';

/** A signal that the agent's core gave, with the part it came with. */
export interface Seen {
  part: number;
  characteristic: string;
  chart: string;
  rule: string;
}

/** An MQTT topic of a settings file: tag by path, context name by path. */
interface Topic {
  values: Record<string, string>;
  context: Record<string, string>;
}

const START_MS = Date.UTC(2026, 0, 5, 6);

/**
 * Runs a demo plant's line through the agent's core with the plant's own settings file, part after
 * part without servers and without waiting, and tells every signal.
 */
export function watchPlant(name: string, seed: number, events: boolean, parts: number): Seen[] {
  const kind = plants[name];
  if (kind === undefined) throw new Error(`no plant ${name}`);
  const file = new URL(`../../config/${kind.settings}`, import.meta.url).pathname;
  const text = readFileSync(file, 'utf8');
  const { settings } = readSettings(text, file, {});
  if (settings === null) throw new Error(`${file} has problems`);
  const ids: string[] = [];
  const reducer = reducerOf(
    {
      ...{ characteristics: settings.characteristics, cycles: settings.cycles },
      ...{ groups: settings.groups, sources: Object.keys(settings.sources) },
      alerts: policyOf(settings.alerts),
    },
    {
      numbers: (wanted) => {
        for (const id of wanted) if (!ids.includes(id)) ids.push(id);
        return new Map(ids.map((id, at) => [id, at]));
      },
    },
  );
  const known = new Map(ids.map((id, at) => [id, at]));
  const numbers = new Map(
    Object.keys(settings.sources).flatMap((source) => [
      ...tagNumbers(source, settings.characteristics, settings.cycles, known),
    ]),
  );
  const topics = topicsOf(parse(text));
  const builder = batchBuilder();
  const seen: Seen[] = [];
  let part = 0;
  const nothing = () => {};
  const out: Outputs = {
    signal: ({ characteristic, chart, rule }) => seen.push({ part, characteristic, chart, rule }),
    ...{ point: nothing, alert: nothing, limits: nothing, gap: nothing, reading: nothing },
  };
  const timeMs = () => START_MS + part * kind.wiring.secondsPerStep * 1000;
  const stations: Stations = (station) => {
    let sequence = 0;
    let curves = 0;
    const put = (stream: string, count: number, readings: Reading[], about: About) =>
      builder.add(
        delivery({
          stream,
          context: contextOf(about, topics),
          receiveMs: timeMs(),
          count: readings.length,
          tag: readings.map((r) => r.at),
          value: readings.map((r) => r.value),
          quality: readings.map(() => 0),
          sourceMs: readings.map((r) => r.timeMs),
          sequence: readings.map(() => count),
        }),
      );
    const read = (name: string, samples: readonly number[], stepMs: number): Reading[] =>
      namesOf(station, name, topics).flatMap((tag) => {
        const at = numbers.get(tag);
        const firstMs = timeMs() - (samples.length - 1) * stepMs;
        if (at === undefined) return [];
        return samples.map((value, i) => ({ at, value, timeMs: firstMs + i * stepMs }));
      });
    return {
      send(values, about = {}) {
        sequence += 1;
        const readings = Object.entries(values).flatMap(([name, one]) => read(name, [one], 0));
        put(station, sequence, readings, about);
      },
      curve(values, stepMs, about = {}) {
        curves += 1;
        const all = Object.entries(values);
        const readings = all.flatMap(([name, samples]) => read(name, samples, stepMs));
        put(`${station}/curve`, curves, readings, about);
      },
      skip() {
        sequence += 1;
      },
    };
  };
  const line = kind.wiring.line(stations, { seed, events });
  reducer.tick(START_MS, true, out);
  for (part = 1; part <= parts; part += 1) {
    line.step();
    if (builder.deliveries() > 0) takeIn(reducer, builder.take(), out);
  }
  return seen;
}

function topicsOf(text: { sources: Record<string, { topics?: Topic[] }> }): Topic[] {
  return Object.values(text.sources).flatMap((source) => source.topics ?? []);
}

interface Reading {
  at: number;
  value: number;
  timeMs: number;
}

/** A batch, and the features of cycles that ended in it. */
function takeIn(reducer: Reducer, bytes: ArrayBuffer, out: Outputs): void {
  for (let next: ArrayBuffer | null = bytes; next !== null; next = reducer.features()) {
    reducer.batch(decodeBatch(new Uint8Array(next)), out);
  }
}

/** The tags that one value of a station goes to: as the settings of the topic name them too. */
function namesOf(station: string, name: string, topics: Topic[]): string[] {
  const named = topics.flatMap((topic) =>
    Object.entries(topic.values)
      .filter(([, path]) => path === `v.${name}`)
      .map(([tag]) => tag.replace('{station}', station)),
  );
  return [...new Set([`${station}.${name}`, ...named])];
}

function contextOf(about: About, topics: Topic[]): string {
  const names = new Map(
    topics.flatMap((topic) => Object.entries(topic.context).map(([name, path]) => [path, name])),
  );
  const entries = Object.entries(about).map(([key, value]) => [names.get(key) ?? key, `${value}`]);
  return entries.length === 0 ? '' : JSON.stringify(Object.fromEntries(entries));
}
