import type { SourceHealth } from '../../model.ts';
import type { DeadLetter } from './dead-letters.ts';
import type { Entry } from './plan.ts';

/** Everything the health of an MQTT source is made of. */
export interface HealthParts {
  name: string;
  link: { state: SourceHealth['state']; detail: string; sinceMs: number };
  entries: readonly Entry[];
  /** filter : why it is not granted */
  refused: ReadonlyMap<string, string>;
  /** entry : silent since */
  silent: ReadonlyMap<number, number>;
  floods: readonly { topic: string; text: string }[];
  letters: readonly DeadLetter[];
  lastDataMs: number | null;
  counters: Record<string, number>;
}

const MOST_FLOODS = 3;

/** One part per topic; a refused or silent topic makes the whole source degraded. */
export function healthOf(p: HealthParts): SourceHealth {
  const up = p.link.state === 'up';
  const parts = p.entries.map((entry) => partOf(p, entry, up));
  const troubled = parts.filter((part) => part.state !== 'up');
  const degraded = up && (troubled.length > 0 || p.floods.length > 0);
  const details = [p.link.detail, ...p.floods.slice(0, MOST_FLOODS).map(({ text }) => text)];
  if (up && troubled.length > 0)
    details.push(troubled.map((part) => `${part.name}: ${part.detail}`).join('; '));
  const last = p.letters.at(-1);
  if (last !== undefined) {
    const many = p.counters['deadLettered'] ?? 0;
    const n = many === 1 ? '1 message' : `${many} messages`;
    details.push(`${n} could not be read, the last on ${last.topic}: ${last.reason}`);
  }
  return {
    name: p.name,
    kind: 'mqtt',
    state: degraded ? 'degraded' : p.link.state,
    detail: details.filter((text) => text !== '').join('; '),
    sinceMs: p.link.sinceMs,
    lastDataMs: p.lastDataMs,
    counters: p.counters,
    parts,
  };
}

function partOf(p: HealthParts, entry: Entry, up: boolean): SourceHealth['parts'][number] {
  const name = entry.settings.topic;
  const refused = p.refused.get(entry.template.filter);
  if (!up) return { name, state: 'down', detail: 'not connected' };
  if (refused !== undefined) return { name, state: 'down', detail: `subscription ${refused}` };
  if (p.silent.has(entry.index)) return { name, state: 'degraded', detail: 'silent' };
  return { name, state: 'up', detail: '' };
}
