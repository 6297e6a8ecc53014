import { createHash } from 'node:crypto';
import type { SourceEvent } from '../../model.ts';
import type { MessageMeta } from './frames.ts';
import { isPlausible, toTimeMs } from './numbers.ts';
import { getter } from './paths.ts';
import { parseJson, textOf, tooLarge } from './payload.ts';
import type { EventSettings } from './settings.ts';
import { compileTopic, expand } from './topics.ts';

/** Messages that say what happened: topic and payload → event. */
export interface EventReader {
  filters: string[];
  wants(topic: string): boolean;
  /** null when no entry fits the topic; throws a PayloadError when the payload cannot be read */
  read(topic: string, payload: Buffer, receiveMs: number): PlantEvent | null;
}

type PlantEvent = Omit<SourceEvent, 'source'>;

const MAX_TEXT = 500;
const MAX_SEEN = 1000;
const MAX_WORD = 80;

export function eventReader(settings: readonly EventSettings[], maxBytes: number): EventReader {
  const entries = settings.map((own) => ({ own, template: compileTopic(own.topic) }));
  return {
    filters: entries.map(({ template }) => template.filter),
    wants: (topic) => entries.some(({ template }) => template.match(topic) !== null),
    read(topic, payload, receiveMs) {
      for (const { own, template } of entries) {
        const captured = template.match(topic);
        if (captured === null) continue;
        if (payload.length > maxBytes) throw tooLarge(payload.length, maxBytes);
        return eventOf(own, captured, textOf(payload), receiveMs);
      }
      return null;
    },
  };
}

/**
 * An event has no counter to be known by: after a lost connection the broker sends again what was
 * not acknowledged yet, and the flag of such a message together with its bytes tells it apart.
 */
export function seenEvents() {
  const seen = new Set<string>();
  return {
    again(topic: string, payload: Buffer, { qos, dup }: MessageMeta): boolean {
      if (qos === 0) return false;
      const key = `${topic} ${createHash('sha256').update(payload).digest('base64')}`;
      if (dup && seen.has(key)) return true;
      if (seen.size >= MAX_SEEN) seen.delete(seen.values().next().value ?? '');
      seen.add(key);
      return false;
    },
  };
}

function eventOf(
  own: EventSettings,
  captured: Record<string, string>,
  payload: string,
  receiveMs: number,
): PlantEvent {
  const isJson = /^\s*[{[]/.test(payload);
  const root = isJson ? parseJson(payload) : payload;
  const said = (text: string | undefined, most: number) => {
    if (text === undefined) return '';
    if (text.includes('{')) return clean(expand(text, captured), most);
    const found = getter(text)(root);
    return typeof found === 'string' || typeof found === 'number' ? clean(String(found), most) : '';
  };
  const { kind, time, characteristic } = own;
  const timeMs = time === undefined ? receiveMs : toTimeMs(getter(time.path)(root), time.unit);
  const machine = said(own.machine, MAX_WORD);
  const by = said(own.by, MAX_WORD);
  const plain = isJson ? (captured['topic'] ?? '') : payload.trim() || (captured['topic'] ?? '');
  return {
    kind,
    severity: 'info',
    text: said(own.text, MAX_TEXT) || clean(plain, MAX_TEXT),
    timeMs: isPlausible(timeMs, receiveMs) ? timeMs : receiveMs,
    ...(machine === '' ? {} : { machine }),
    ...(by === '' ? {} : { by }),
    ...(characteristic === undefined ? {} : { characteristic }),
  };
}

const clean = (text: string, most: number) =>
  text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, most);
