import type { Alert, AlertEvent } from '../model.ts';
import { sayDuration } from '../runtime/duration.ts';
import type { Notice } from './channels/channel.ts';
import { unrecordedKey } from './unrecorded.ts';

/** What a notice needs to know besides the event. */
export interface NoticeContext {
  site: string;
  /** put before every key, so that two agents, or a new store, never share one; may be '' */
  keyPrefix: string;
  nowMs: number;
  /** a notice later than this says so */
  staleAfterMs: number;
}

/** The key of one event: the same on every attempt and after every restart. */
function noticeKey(event: AlertEvent): string {
  if (event.unrecorded === true) return unrecordedKey(event);
  return `${event.alert.id}-${event.transition}-${event.seq}-${event.ordinal}`;
}

/** The words of one event. Only "late" depends on the time, the key never does. */
export function noticeOf(event: AlertEvent, context: NoticeContext): Notice {
  const ageMs = context.nowMs - event.timeMs;
  const late = ageMs > context.staleAfterMs ? `late by ${sayDuration(ageMs)}: ` : '';
  return {
    key: context.keyPrefix + noticeKey(event),
    title: late + sayTransition(event) + (event.unrecorded === true ? ' (not recorded)' : ''),
    text: textOf(event),
    site: context.site,
    event,
  };
}

const UNRECORDED =
  'The store takes no writes now: this is not recorded yet. It will be once it does; ' +
  'it is not told again then.';

/** Events held back in a storm, as one notice. */
export interface Digest {
  first: AlertEvent;
  last: AlertEvent;
  count: number;
  /** events by subject, at most `MAX_SUBJECTS` of them */
  subjects: Map<string, number>;
  /** titles of first alarms of critical characteristics: none of them stays unnamed */
  critical: string[];
}

export const MAX_SUBJECTS = 20;
export const MAX_CRITICAL = 1000;

/** "14 more alerts since 09:12". One event alone is told as itself. */
export function digestOf(digest: Digest, context: NoticeContext): Notice {
  const { first, last, count } = digest;
  if (count === 1) return noticeOf(first, context);
  return {
    key: `${context.keyPrefix}digest-${noticeKey(first)}-to-${noticeKey(last)}`,
    title: `${count} more alerts since ${sayClock(first.timeMs)}`,
    text: `${linesOf(digest)}\nThe newest: ${sayTransition(last)}`,
    site: context.site,
    event: last,
    summary: true,
  };
}

/** "12 messages since 09:12 came too late and were not sent": what a channel missed while it was down. */
export function expiredOf(digest: Digest, context: NoticeContext): Notice {
  const { first, last, count } = digest;
  const [messages, were] = count === 1 ? ['message', 'was'] : ['messages', 'were'];
  return {
    key: `${context.keyPrefix}expired-${noticeKey(first)}-to-${noticeKey(last)}`,
    title: `${count} ${messages} since ${sayClock(first.timeMs)} came too late and ${were} not sent`,
    text: `${linesOf(digest)}\nThe newest: ${sayTransition(last)}\nThe console shows every one.`,
    site: context.site,
    event: last,
    summary: true,
  };
}

function linesOf({ subjects, critical, count }: Digest): string {
  const named = [...subjects.values()].reduce((sum, n) => sum + n, 0);
  const lines = [
    ...critical.map((title) => `CRITICAL: ${title}`),
    ...[...subjects].map(([subject, n]) => `${subject}: ${n}`),
    ...(named < count ? [`others: ${count - named}`] : []),
  ];
  return lines.join('\n');
}

function sayTransition(event: AlertEvent): string {
  const { alert } = event;
  const mark = alert.severity === 'alarm' ? 'ALARM' : alert.severity;
  switch (event.transition) {
    case 'raised':
      return `${mark}: ${alert.title}`;
    case 'worsened':
      return `now ${mark}: ${alert.title}`;
    case 'returned':
      return `back again (${(alert.returns ?? 1) + 1} times), ${mark}: ${alert.title}`;
    case 'escalated':
      return `${sayLevel(alert)}${mark}: ${alert.title}`;
    case 'shelved':
      return `put aside by ${alert.shelf?.by ?? 'somebody'}: ${alert.title}`;
    case 'unshelved':
      return `no longer put aside, ${mark}: ${alert.title}`;
    case 'acknowledged':
      return `answered by ${alert.acknowledgedBy ?? 'somebody'}: ${alert.title}`;
    case 'cleared':
      return `over, not answered yet: ${alert.title}`;
    case 'closed':
      return `closed: ${alert.title}`;
  }
}

/** "not answered (1 of 3), " */
function sayLevel({ escalations = [] }: Alert): string {
  const told = escalations.filter(({ level }) => level > 0);
  const newest = told.toSorted((a, b) => (b.toldMs ?? 0) - (a.toldMs ?? 0))[0];
  return newest === undefined
    ? 'not answered, '
    : `not answered (${newest.level} of ${newest.levels}), `;
}

function textOf(event: AlertEvent): string {
  const { alert } = event;
  const context = Object.entries(alert.context).map(([key, value]) => `${key} ${value}`);
  const lines = [
    alert.detail,
    alert.class === 'none' ? '' : `Class ${alert.class}.`,
    context.length === 0 ? '' : `At: ${context.join(', ')}.`,
    `Since ${sayClock(alert.onsetMs)}, ${alert.count} so far.`,
    alert.reactionPlan === '' ? '' : `What to do: ${alert.reactionPlan}`,
    alert.cause === null ? '' : `Cause: ${alert.cause}`,
    alert.action === null ? '' : `Action: ${alert.action}`,
    alert.shelf === undefined
      ? ''
      : `Put aside by ${alert.shelf.by} until ${sayClock(alert.shelf.untilMs)}: ${alert.shelf.reason}`,
    alert.comment === null ? '' : `Comment: ${alert.comment}`,
    `Alert ${alert.id}.`,
    event.unrecorded === true ? UNRECORDED : '',
  ];
  return lines.filter((line) => line !== '').join('\n');
}

/** Hours and minutes on the clock of the plant, which is the clock of this machine. */
function sayClock(ms: number): string {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toTimeString().slice(0, 5) : 'an unknown time';
}
