import type { SourceEvent } from '../../model.ts';
import type { Clock } from '../../runtime/clock.ts';
import { messageOf, PermanentError } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import type { Channel, Notice } from '../channels/channel.ts';
import { type Arming, createArming } from './arming.ts';
import { type Budget, createBudget } from './budget.ts';
import type { PlcPlace } from './plc.ts';
import type { ReactionSettings } from './settings.ts';

export interface ReactionContext {
  name: string;
  place: PlcPlace;
  clock: Clock;
  log: Log;
  /** raises an alarm for people: the reaction is not certain to have worked */
  report(event: Omit<SourceEvent, 'source'>): void;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** One reaction, run as an alert channel: it follows the alerts of the store by cursor. */
export interface Reaction extends Channel {
  arming: Arming;
  /** what was written and read back so far */
  figures(): { writes: number; verified: number; unverified: number };
}

/** Between two looks at a PLC that does not answer or does not hold the level. */
const LOOK_EVERY_MS = 500;

interface State {
  settings: ReactionSettings;
  context: ReactionContext;
  arming: Arming;
  budget: Budget;
  writes: number;
  verified: number;
  unverified: number;
  heartbeat: NodeJS.Timeout | null;
}

/**
 * Sets one level in a PLC and believes it only when it was read back. What is set already is not
 * written again, so that a repeat after a restart does nothing. Nothing is ever taken back: that is
 * for the person who has looked at the machine.
 */
export function createReaction(settings: ReactionSettings, context: ReactionContext): Reaction {
  const s: State = {
    settings,
    context,
    arming: createArming(settings, context.clock),
    budget: createBudget(settings.every, settings.perHour),
    writes: 0,
    verified: 0,
    unverified: 0,
    heartbeat: null,
  };
  if (settings.enabled) startHeartbeat(s);
  return {
    everyNotice: true,
    arming: s.arming,
    figures: () => ({ writes: s.writes, verified: s.verified, unverified: s.unverified }),
    send: (notice, signal) => react(s, notice, signal),
    async close() {
      if (s.heartbeat !== null) clearInterval(s.heartbeat);
      context.place.close();
    },
  };
}

async function react(s: State, notice: Notice, signal: AbortSignal): Promise<void> {
  const { settings, context } = s;
  const { clock, log, name } = context;
  if (!settings.when.subjects.includes(notice.event.alert.subject)) return;
  const ageMs = Math.max(0, clock.now() - notice.event.timeMs);
  if (!settings.enabled) throw new PermanentError('not enabled: nothing is written');
  if (ageMs > settings.within) throw new PermanentError('the alert is too old to act upon');
  if (!s.arming.armed()) throw new PermanentError('not armed: nothing is written');
  const deadlineMs = clock.monotonic() + settings.within - ageMs;
  const result = await setAndVerify(s, deadlineMs, signal, (why) => alarm(s, why));
  if (result === null) {
    s.verified += 1;
    log.info('reaction.verified', { reaction: name, alert: notice.event.alert.id });
    return;
  }
  s.unverified += 1;
  throw new PermanentError(result);
}

/** null when the level was read back; else why it is not certain. Tells of the first trouble. */
async function setAndVerify(
  s: State,
  deadlineMs: number,
  signal: AbortSignal,
  trouble: (why: string) => void,
): Promise<string | null> {
  const { settings, context, budget } = s;
  const { place, clock } = context;
  let attempts = 0;
  let why = '';
  const note = (text: string) => {
    if (why === '') trouble(text);
    why = text;
  };
  while (!signal.aborted) {
    const state = await look(place, note);
    if (state === true) return null;
    const nowMs = clock.monotonic();
    if (state === false && attempts >= settings.attempts) {
      return `written ${attempts} times, and it does not read back: ${why}`;
    }
    if (nowMs >= deadlineMs) return why === '' ? 'not set in time' : why;
    if (state === false && s.arming.armed()) {
      const waitMs = budget.waitMs(nowMs);
      if (waitMs > 0) note(`the PLC may not be written again for ${Math.ceil(waitMs / 1000)} s`);
      if (waitMs > deadlineMs - nowMs) return why;
      if (waitMs > 0) await context.sleep(waitMs, signal);
      else {
        attempts += 1;
        await write(s, note);
      }
      continue;
    }
    await context.sleep(LOOK_EVERY_MS, signal);
  }
  throw signal.reason;
}

async function look(place: PlcPlace, note: (why: string) => void): Promise<boolean | null> {
  try {
    return await place.isSet();
  } catch (thrown) {
    note(`the PLC cannot be read: ${messageOf(thrown)}`);
    return null;
  }
}

/** The one call in the program that makes a reaction leave the machine. */
async function write(s: State, note: (why: string) => void): Promise<void> {
  const { context, budget } = s;
  budget.take(context.clock.monotonic());
  s.writes += 1;
  context.log.warn('reaction.write', { reaction: context.name, ...s.settings.write });
  try {
    await context.place.set();
    if ((await look(context.place, note)) === false) note('it was written and reads back as unset');
  } catch (thrown) {
    note(`the write was not confirmed: ${messageOf(thrown)}`);
  } finally {
    budget.settled(context.clock.monotonic());
  }
}

function alarm({ context, settings }: State, why: string): void {
  const what = settings.action === 'stop' ? 'line stop' : 'stack light';
  context.log.error('reaction.unverified', { reaction: context.name, reason: why });
  context.report({
    kind: 'device',
    severity: 'alarm',
    text: `${what} '${context.name}' is not certain to be set: ${why}`,
    timeMs: context.clock.now(),
  });
}

function startHeartbeat(s: State): void {
  const { heartbeat } = s.settings;
  if (heartbeat === undefined) return;
  let count = 0;
  let busy = false;
  s.heartbeat = setInterval(() => {
    if (busy) return;
    busy = true;
    count = (count + 1) % 65_536;
    const over = () => {
      busy = false;
    };
    s.context.place.beat(count).then(over, over);
  }, heartbeat.every);
}
