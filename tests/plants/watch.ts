import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { alertBook } from '../../agent/alerts/book.ts';
import { policyOf } from '../../agent/alerts/policy.ts';
import { batchBuilder, decodeBatch } from '../../agent/batch.ts';
import { planAll } from '../../agent/core/groups/plan.ts';
import type { Outputs } from '../../agent/core/outputs.ts';
import { createReducer } from '../../agent/core/reducer.ts';
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
  const rows = Object.entries(settings.characteristics);
  const { characteristics, joins } = planAll(settings.characteristics, settings.groups);
  const reducer = createReducer({
    characteristics,
    joins,
    numbers: characteristics.map((_, at) => at),
    sources: Object.keys(settings.sources),
    book: alertBook(policyOf(settings.alerts)),
  });
  const numbers = new Map(rows.map(([, row], at) => [row.tag, at]));
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
    return {
      send(values, about = {}) {
        sequence += 1;
        const readings = namesOf(station, values, topics).flatMap(([tag, value]) => {
          const at = numbers.get(tag);
          return at === undefined ? [] : [{ at, value }];
        });
        builder.add(
          delivery({
            stream: station,
            context: contextOf(about, topics),
            receiveMs: timeMs(),
            count: readings.length,
            tag: readings.map((r) => r.at),
            value: readings.map((r) => r.value),
            quality: readings.map(() => 0),
            sourceMs: readings.map(timeMs),
            sequence: readings.map(() => sequence),
          }),
        );
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
    if (builder.deliveries() > 0) reducer.batch(decodeBatch(new Uint8Array(builder.take())), out);
  }
  return seen;
}

function topicsOf(text: { sources: Record<string, { topics?: Topic[] }> }): Topic[] {
  return Object.values(text.sources).flatMap((source) => source.topics ?? []);
}

/** Values by tag: as the settings of the topic name them, else station and field. */
function namesOf(station: string, values: Record<string, number>, topics: Topic[]) {
  const named = topics.flatMap((topic) =>
    Object.entries(topic.values).flatMap(([tag, path]): [string, number][] => {
      const value = values[path.replace(/^v\./, '')];
      return value === undefined ? [] : [[tag.replace('{station}', station), value]];
    }),
  );
  const own = Object.entries(values).map(([name, v]): [string, number] => [
    `${station}.${name}`,
    v,
  ]);
  return [...new Map([...own, ...named])];
}

function contextOf(about: About, topics: Topic[]): string {
  const names = new Map(
    topics.flatMap((topic) => Object.entries(topic.context).map(([name, path]) => [path, name])),
  );
  const entries = Object.entries(about).map(([key, value]) => [names.get(key) ?? key, `${value}`]);
  return entries.length === 0 ? '' : JSON.stringify(Object.fromEntries(entries));
}
