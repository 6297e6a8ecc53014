/** What one place of the messages of a topic holds. */
export interface PathFinding {
  path: string;
  role: 'value' | 'counter' | 'time' | 'text';
  /** unit of a time */
  unit: 's' | 'ms' | 'us' | 'ns' | 'iso' | null;
  min: number | null;
  max: number | null;
  example: string;
}

/** Notes by path. */
export type PathNotes = Map<string, Note>;

interface Note {
  seen: number;
  min: number;
  max: number;
  last: number;
  /** how often it grew by a whole step of 1 to 10; never anything else */
  steps: number;
  broken: boolean;
  unit: PathFinding['unit'];
  text: boolean;
  example: string;
}

const MAX_PATHS = 64;
const MAX_DEPTH = 4;
const MAX_EXAMPLE = 40;
/** A time is within a year of ours: nothing measured is a number like that in four units. */
const NEAR_MS = 31_536_000_000;
const UNITS = { s: 1000, ms: 1, us: 1e-3, ns: 1e-6 } as const;

/** Looks at every number and text of one message. Only here is a unit of time ever guessed. */
export function learnPaths(notes: PathNotes, root: unknown, nowMs: number): void {
  walk(notes, root, '', 0, nowMs);
}

export function pathFindings(notes: PathNotes): PathFinding[] {
  return [...notes].map(([path, n]) => ({
    path,
    role: roleOf(n),
    unit: n.unit,
    min: n.text ? null : n.min,
    max: n.text ? null : n.max,
    example: n.example,
  }));
}

function roleOf(n: Note): PathFinding['role'] {
  if (n.unit !== null) return 'time';
  if (n.text) return 'text';
  return n.steps >= 2 && !n.broken ? 'counter' : 'value';
}

function walk(notes: PathNotes, at: unknown, path: string, depth: number, nowMs: number): void {
  if (typeof at === 'number' || typeof at === 'string') {
    note(notes, path, at, nowMs);
    return;
  }
  if (typeof at !== 'object' || at === null || depth === MAX_DEPTH) return;
  const list = Array.isArray(at);
  for (const [key, value] of Object.entries(at).slice(0, MAX_PATHS)) {
    // Of a list the first element stands for all.
    if (list && key !== '0') break;
    walk(notes, value, join(path, key, list), depth + 1, nowMs);
  }
}

function join(path: string, key: string, list: boolean): string {
  if (list) return `${path}[${key}]`;
  const plain = /^[^.[\]"\\]+$/.test(key);
  if (!plain) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

function note(notes: PathNotes, path: string, value: number | string, nowMs: number): void {
  let n = notes.get(path);
  if (n === undefined) {
    if (notes.size >= MAX_PATHS) return;
    n = {
      seen: 0,
      min: Number.POSITIVE_INFINITY,
      max: Number.NEGATIVE_INFINITY,
      last: Number.NaN,
      steps: 0,
      broken: false,
      unit: unitOf(value, nowMs),
      text: typeof value === 'string',
      example: '',
    };
    notes.set(path, n);
  }
  n.seen += 1;
  n.example = String(value).slice(0, MAX_EXAMPLE);
  if (typeof value === 'string') return;
  n.min = Math.min(n.min, value);
  n.max = Math.max(n.max, value);
  const step = value - n.last;
  if (Number.isInteger(value) && step >= 1 && step <= 10) n.steps += 1;
  else if (!Number.isNaN(n.last)) n.broken = true;
  n.last = value;
}

function unitOf(value: number | string, nowMs: number): PathFinding['unit'] {
  if (typeof value === 'string') {
    const iso = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(value);
    return iso && Math.abs(Date.parse(value) - nowMs) < NEAR_MS ? 'iso' : null;
  }
  for (const [unit, ms] of Object.entries(UNITS)) {
    if (Math.abs(value * ms - nowMs) < NEAR_MS) return unit as keyof typeof UNITS;
  }
  return null;
}
