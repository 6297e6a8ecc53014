import { addressOf } from '../sparkplug/topics.ts';
import { learnPaths, type PathFinding, type PathNotes, pathFindings } from './discover-paths.ts';

/** What is known of one topic after listening to it. */
export interface TopicFinding {
  topic: string;
  messages: number;
  retained: number;
  /** messages per second between the first and the last live one, null with fewer than two */
  perSecond: number | null;
  largestBytes: number;
  form: 'json' | 'number' | 'text' | 'sparkplug' | 'compressed' | 'binary';
  paths: PathFinding[];
}

/** Listens to messages and says what they look like. Bounded, whatever a broker sends. */
export interface Discovery {
  take(topic: string, payload: Buffer, retained: boolean, nowMs: number): void;
  findings(): TopicFinding[];
  /** topics beyond those that are remembered */
  more(): number;
}

const MAX_TOPICS = 2000;
const MAX_BYTES = 1_048_576;

interface Notes {
  messages: number;
  retained: number;
  live: number;
  firstMs: number;
  lastMs: number;
  largest: number;
  form: TopicFinding['form'];
  paths: PathNotes;
}

export function createDiscovery(): Discovery {
  const topics = new Map<string, Notes>();
  let more = 0;
  return {
    take(topic, payload, retained, nowMs) {
      let notes = topics.get(topic);
      if (notes === undefined) {
        if (topics.size >= MAX_TOPICS) {
          more += 1;
          return;
        }
        notes = startNotes(nowMs);
        topics.set(topic, notes);
      }
      notes.messages += 1;
      notes.largest = Math.max(notes.largest, payload.length);
      if (retained) notes.retained += 1;
      else {
        if (notes.live === 0) notes.firstMs = nowMs;
        notes.live += 1;
        notes.lastMs = nowMs;
      }
      look(notes, topic, payload, nowMs);
    },
    findings: () =>
      [...topics].map(([topic, n]) => ({
        topic,
        messages: n.messages,
        retained: n.retained,
        perSecond: rateOf(n),
        largestBytes: n.largest,
        form: n.form,
        paths: pathFindings(n.paths),
      })),
    more: () => more,
  };
}

function startNotes(nowMs: number): Notes {
  return {
    messages: 0,
    retained: 0,
    live: 0,
    firstMs: nowMs,
    lastMs: nowMs,
    largest: 0,
    form: 'text',
    paths: new Map(),
  };
}

function rateOf(n: Notes): number | null {
  const seconds = (n.lastMs - n.firstMs) / 1000;
  return n.live < 2 || seconds <= 0 ? null : (n.live - 1) / seconds;
}

function look(notes: Notes, topic: string, payload: Buffer, nowMs: number): void {
  notes.form = formOf(topic, payload);
  if (notes.form !== 'json' || payload.length > MAX_BYTES) return;
  learnPaths(notes.paths, JSON.parse(payload.toString()), nowMs);
}

function formOf(topic: string, payload: Buffer): TopicFinding['form'] {
  if (addressOf(topic) !== null) return 'sparkplug';
  if (payload.length > 2 && payload.readUInt16BE(0) === 0x1f8b) return 'compressed';
  const text = payload.toString();
  if (text.includes('\uFFFD')) return 'binary';
  if (/^\s*[+-]?\d+([.,]\d+)?\s*$/.test(text)) return 'number';
  if (!/^\s*[{[]/.test(text)) return 'text';
  try {
    JSON.parse(text);
    return 'json';
  } catch {
    return 'text';
  }
}
