import type { TopicFinding } from './discover.ts';

/** Settings as they may stand in the file, for a person to correct. */
export interface Proposal {
  plant: { name: string; site: string };
  sources: Record<string, Record<string, unknown>>;
  characteristics: Record<string, Record<string, unknown>>;
}

const MAX_ENTRIES = 50;
const MAX_CHARACTERISTICS = 100;

/** Proposes entries for what sends numbers; topics of one shape share an entry. */
export function propose(url: string, findings: readonly TopicFinding[]): Proposal {
  const readable = findings.filter((f) => f.form === 'number' || valuesOf(f).length > 0);
  const groups = new Map<string, TopicFinding[]>();
  for (const f of readable.filter((one) => one.messages > one.retained)) {
    const shape = f.paths.map((p) => `${p.path}:${p.role}`).join(',');
    const key = `${f.topic.split('/').length} ${f.form} ${shape}`;
    groups.set(key, [...(groups.get(key) ?? []), f]);
  }
  const characteristics: Proposal['characteristics'] = {};
  const topics = [...groups.values()].slice(0, MAX_ENTRIES).map((group) => {
    const entry = entryOf(group);
    for (const f of group) add(characteristics, f, entry.tagOf);
    return entry.settings;
  });
  const plant = { name: 'My plant', site: 'my-town' };
  return { plant, sources: { broker: { kind: 'mqtt', url, topics } }, characteristics };
}

const valuesOf = (f: TopicFinding) => f.paths.filter((p) => p.role === 'value');

function entryOf(group: readonly TopicFinding[]) {
  const [first] = group;
  if (first === undefined) throw new Error('an empty group');
  const levels = first.topic.split('/');
  const varies = levels.map((level, i) => group.some((f) => f.topic.split('/')[i] !== level));
  const template = levels.map((level, i) => (varies[i] ? `{level${i + 1}}` : level));
  const names = template.filter((_, i) => varies[i]);
  // With one topic only, its last level but the last tells the stations apart.
  const prefix = names.length > 0 ? names.join('.') : (levels.at(-2) ?? levels[0] ?? 'topic');
  const time = first.paths.find((p) => p.role === 'time');
  const counter = first.paths.find((p) => p.role === 'counter');
  const values =
    first.form === 'number'
      ? { [`${prefix}.${levels.at(-1) ?? ''}`]: '' }
      : Object.fromEntries(valuesOf(first).map((p) => [`${prefix}.${wordOf(p.path)}`, p.path]));
  return {
    settings: {
      topic: template.join('/'),
      ...(first.form === 'number' ? { format: 'number' } : {}),
      ...(counter === undefined ? {} : { sequence: counter.path }),
      ...(time === undefined ? {} : { time: { path: time.path, unit: time.unit } }),
      values,
    },
    tagOf(topic: string) {
      const own = topic.split('/');
      return Object.keys(values).map((tag) =>
        tag.replace(/\{level(\d+)\}/g, (_, n: string) => own[Number(n) - 1] ?? ''),
      );
    },
  };
}

function add(
  to: Proposal['characteristics'],
  f: TopicFinding,
  tagOf: (topic: string) => string[],
): void {
  for (const tag of tagOf(f.topic)) {
    if (Object.keys(to).length >= MAX_CHARACTERISTICS) return;
    const id = tag
      .replace(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 64);
    if (id !== '') to[id] = { name: tag, source: 'broker', tag, unit: '', lsl: null, usl: null };
  }
}

const wordOf = (path: string) => path.replace(/[^A-Za-z0-9]+/g, '_').replace(/^_|_$/g, '');
