import type { TimeUnit } from './numbers.ts';
import { type Getter, getter } from './paths.ts';
import { parseJson } from './payload.ts';
import { type Quick, quickOf } from './quick.ts';
import type { TopicSettings } from './settings.ts';
import { csvRows, tableRows } from './tables.ts';
import { compileTopic, expand, type TopicTemplate } from './topics.ts';

/** One entry of `topics`, compiled once. */
export interface Entry {
  index: number;
  settings: TopicSettings;
  template: TopicTemplate;
  /** text of a payload → what the paths look into; throws a PayloadError */
  read(text: string): unknown;
  items: Getter | null;
  sequence: Getter | null;
  modulus: number;
  time: Getter | null;
  timeUnit: TimeUnit;
  step: Getter | null;
}

/** All that can be known of a concrete topic before its first payload is read. */
export interface TopicPlan {
  entry: Entry;
  stream: string;
  /** the values some characteristic reads, by tag number; equal lengths */
  tags: number[];
  getters: Getter[];
  context: ContextPart[];
  /** the way around parsing, where there is one */
  quick: Quick | null;
}

export interface ContextPart {
  /** '"name":' as it stands in the JSON text */
  key: string;
  /** fixed text, or null when `get` reads it from the message */
  text: string | null;
  get: Getter | null;
}

/** Finds the plan of a topic; null when no entry wants it. */
export type PlanFor = (topic: string) => TopicPlan | null;

/** Topics whose plan is remembered; beyond it the oldest is forgotten and made anew when needed. */
const MAX_PLANS = 10_000;

export function compileEntry(settings: TopicSettings, index: number): Entry {
  const { sequence, time, table } = settings;
  const path = typeof sequence === 'object' ? sequence.path : sequence;
  return {
    index,
    settings,
    template: compileTopic(settings.topic),
    read: reader(settings),
    items: table !== undefined || settings.format === 'csv' ? itself : itemsOf(settings),
    sequence: path === undefined ? null : getter(path),
    modulus: typeof sequence === 'object' ? sequence.modulus : 0,
    time: time === undefined ? null : getter(time.path),
    timeUnit: time?.unit ?? 'ms',
    step: time?.step === undefined ? null : getter(time.step),
  };
}

const itself: Getter = (root) => root;

const itemsOf = ({ items }: TopicSettings) => (items === undefined ? null : getter(items));

function reader({ format, csv, table }: TopicSettings): Entry['read'] {
  if (format === 'csv') return (text) => csvRows(text, csv);
  if (table === undefined) return parseJson;
  const columns = getter(table.columns);
  const rows = getter(table.rows);
  return (text) => tableRows(parseJson(text), columns, rows);
}

/** The first entry that fits a topic has it. Topics nobody wants are remembered as well. */
export function planner(entries: readonly Entry[], tagNumber: (tag: string) => number): PlanFor {
  const plans = new Map<string, TopicPlan | null>();
  return (topic) => {
    const known = plans.get(topic);
    if (known !== undefined) return known;
    if (plans.size >= MAX_PLANS) plans.delete(plans.keys().next().value ?? '');
    const plan = makePlan(entries, topic, tagNumber);
    plans.set(topic, plan);
    return plan;
  };
}

function makePlan(
  entries: readonly Entry[],
  topic: string,
  tagNumber: (tag: string) => number,
): TopicPlan | null {
  for (const entry of entries) {
    const captured = entry.template.match(topic);
    if (captured === null) continue;
    const { settings } = entry;
    const plan: TopicPlan = {
      entry,
      stream: expand(settings.stream, captured).slice(0, 256),
      tags: [],
      getters: [],
      context: Object.entries(settings.context).map(([name, text]) =>
        contextPart(name, text, captured),
      ),
      quick: null,
    };
    const paths: string[] = [];
    for (const [tag, path] of Object.entries(settings.values)) {
      const number = tagNumber(expand(tag, captured));
      if (number < 0) continue;
      plan.tags.push(number);
      plan.getters.push(getter(path));
      paths.push(path);
    }
    plan.quick = quickOf(settings, paths);
    return plan;
  }
  return null;
}

function contextPart(name: string, text: string, captured: Record<string, string>): ContextPart {
  const key = `${JSON.stringify(name)}:`;
  if (!text.includes('{')) return { key, text: null, get: getter(text) };
  return { key, text: expand(text, captured), get: null };
}
