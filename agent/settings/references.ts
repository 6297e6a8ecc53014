import { cycleOf } from '../core/cycles/plan.ts';
import { parseTarget } from '../sources/modbus/transport/target.ts';
import { nearest } from './nearest.ts';
import type { Settings } from './schema.ts';
import type { ParsedYaml, Problem } from './yaml.ts';

/** Names that one part of the file uses and another must define. */
export function checkReferences(settings: Settings, yaml: ParsedYaml): Problem[] {
  const problems: Problem[] = [];
  const want = (path: PropertyKey[], word: string, known: string[], what: string) => {
    if (known.includes(word)) return;
    const close = nearest(word, known);
    const list = known.length === 0 ? `no ${what} is defined` : `defined: ${known.join(', ')}`;
    problems.push({
      ...yaml.position(path),
      message: `${path.map(String).join('.')}: there is no ${what} '${word}'`,
      hint: close ? `did you mean '${close}'?` : list,
    });
  };
  const sources = Object.keys(settings.sources);
  const cycles = Object.keys(settings.cycles);
  for (const [id, row] of Object.entries(settings.characteristics)) {
    want(['characteristics', id, 'source'], row.source, sources, 'source');
    if (row.feature === undefined) continue;
    want(['characteristics', id, 'feature', 'cycle'], cycleOf(row), cycles, 'cycle');
  }
  for (const [id, { source }] of Object.entries(settings.cycles)) {
    want(['cycles', id, 'source'], source, sources, 'source');
  }
  problems.push(...tagsReadTwice(settings, yaml));
  problems.push(...groupsThatCannotJoin(settings, yaml));
  const subjects = [...Object.keys(settings.characteristics), ...Object.keys(settings.groups)];
  for (const [id, group] of Object.entries(settings.groups)) {
    const known = Object.keys(settings.characteristics);
    group.characteristics.forEach((member, i) => {
      want(['groups', id, 'characteristics', i], member, known, 'characteristic');
    });
  }
  const channels = Object.keys(settings.alerts.channels);
  settings.alerts.routes.forEach((route, i) => {
    route.channels.forEach((channel, j) => {
      want(['alerts', 'routes', i, 'channels', j], channel, channels, 'channel');
    });
    route.escalateTo?.forEach((channel, j) => {
      want(['alerts', 'routes', i, 'escalateTo', j], channel, channels, 'channel');
    });
  });
  for (const [name, { plc, when }] of Object.entries(settings.alerts.reactions)) {
    const path = ['alerts', 'reactions', name];
    when.subjects.forEach((subject, i) => {
      const known = [...subjects, ...sources];
      want([...path, 'when', 'subjects', i], subject, known, 'characteristic or source');
    });
    const target = parseTarget(plc);
    if (typeof target !== 'string') continue;
    const message = `alerts.reactions.${name}.plc: ${target}`;
    problems.push({ ...yaml.position([...path, 'plc']), message, hint: 'mend the address' });
  }
  for (const [from, to] of Object.entries(settings.alerts.standIns)) {
    want(['alerts', 'standIns', from], from, channels, 'channel');
    want(['alerts', 'standIns', from], to, channels, 'channel');
  }
  if (Object.keys(settings.characteristics).length === 0) {
    problems.push({
      ...yaml.position(['characteristics']),
      message: 'characteristics: nothing is measured',
      hint: 'add at least one characteristic',
    });
  }
  return problems;
}

/** A reading belongs to one characteristic: of two that want it, one would stay silent. */
function tagsReadTwice(settings: Settings, yaml: ParsedYaml): Problem[] {
  const readers = new Map<string, string>();
  const rows = Object.entries(settings.characteristics).filter(([, row]) => !row.feature);
  return rows.flatMap(([id, { source, tag }]) => {
    const key = `${source} ${tag}`;
    const other = readers.get(key);
    if (other === undefined) {
      readers.set(key, id);
      return [];
    }
    return [
      {
        ...yaml.position(['characteristics', id, 'tag']),
        message: `characteristics.${id}.tag: '${tag}' of '${source}' is read by '${other}' already`,
        hint: 'one tag feeds one characteristic; give that one several charts instead',
      },
    ];
  });
}

/** Names that points would share, and members whose numbers count different things. */
function groupsThatCannotJoin(settings: Settings, yaml: ParsedYaml): Problem[] {
  return Object.entries(settings.groups).flatMap(([id, group]): Problem[] => {
    const at = yaml.position(['groups', id]);
    if (settings.characteristics[id] !== undefined || settings.sources[id] !== undefined) {
      const message = `groups.${id}: '${id}' is a characteristic or a source already`;
      return [{ ...at, message, hint: 'points and alerts stand under this name: give it its own' }];
    }
    const sources = group.characteristics.map((member) => settings.characteristics[member]?.source);
    const known = [...new Set(sources.filter((source) => source !== undefined))];
    if (group.join !== 'sequence' || known.length < 2) return [];
    return [
      {
        ...at,
        message: `groups.${id}: its characteristics come from ${known.join(' and ')}, which count on their own`,
        hint: 'join by what the part carries, e.g. join: serial, with serial in the context of both',
      },
    ];
  });
}
