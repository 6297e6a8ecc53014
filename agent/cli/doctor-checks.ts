import { execFileSync } from 'node:child_process';
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../runtime/clock.ts';
import type { ConnectionSettings } from '../sources/mqtt/connection.ts';
import type { BrokerFinding } from '../sources/mqtt/examine.ts';

/** One thing looked at; advice is empty when there is nothing to do. */
export interface Check {
  name: string;
  state: 'ok' | 'warn' | 'bad' | 'unknown';
  found: string;
  advice: string;
}

const SYNCS = 30;
const SLOW_SYNC_MS = 50;
const RETAINED_MANY = 1000;
const QUEUE_WANTED = 1000;
/** 2024-01-01: a clock before it was never set. */
const CLOCK_SET_MS = 1_704_067_200_000;

/** One finding. */
export const check = (name: string, state: Check['state'], found: string, advice = ''): Check => ({
  name,
  state,
  found,
  advice,
});

/** How long the disk takes to make 4 KiB durable, and how much room there is. */
export function diskChecks(dataDir: string, maxBytes: number, clock: Clock): Check[] {
  const times = syncTimes(join(dataDir, '.doctor'), clock);
  const median = times[Math.floor(times.length / 2)] ?? 0;
  const worst = times.at(-1) ?? 0;
  const said = `${median.toFixed(1)} ms in the middle, ${worst.toFixed(1)} ms at worst`;
  const slow = median > SLOW_SYNC_MS;
  const { bavail, bsize } = statfsSync(dataDir);
  const free = bavail * bsize;
  const tight = free < maxBytes;
  const gb = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  return [
    check(
      'disk sync',
      slow ? 'warn' : 'ok',
      said,
      slow ? 'acknowledgements wait for it: an SSD, not a memory card or a network drive' : '',
    ),
    check(
      'disk space',
      tight ? 'warn' : 'ok',
      `${gb(free)} free, the journal may use ${gb(maxBytes)}`,
      tight ? 'make room, or set store.maxBytes lower' : '',
    ),
  ];
}

function syncTimes(file: string, clock: Clock): number[] {
  const block = Buffer.alloc(4096, 1);
  const handle = openSync(file, 'w');
  const times: number[] = [];
  try {
    for (let i = 0; i < SYNCS; i += 1) {
      const begun = clock.monotonic();
      writeSync(handle, block);
      fsyncSync(handle);
      times.push(clock.monotonic() - begun);
    }
  } finally {
    closeSync(handle);
    rmSync(file, { force: true });
  }
  return times.sort((a, b) => a - b);
}

/** Is the clock set, and does something keep it right? */
export function clockCheck(nowMs: number): Check {
  const said = new Date(nowMs).toISOString();
  if (nowMs < CLOCK_SET_MS) {
    return check('clock', 'bad', said, 'the clock was never set: set it before the first reading');
  }
  const synchronized = ntpSynchronized();
  if (synchronized === null) {
    return check('clock', 'unknown', `${said}; whether it is kept right cannot be seen here`);
  }
  return synchronized
    ? check('clock', 'ok', `${said}, kept right by a time server`)
    : check('clock', 'warn', `${said}, not kept right`, 'name a time server of the plant (NTP)');
}

function ntpSynchronized(): boolean | null {
  try {
    const args = ['show', '-p', 'NTPSynchronized', '--value'];
    const said = execFileSync('timedatectl', args, {
      timeout: 3000,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .toString()
      .trim();
    return said === 'yes' ? true : said === 'no' ? false : null;
  } catch {
    return null;
  }
}

/** What a broker's ways mean for an agent that may be away, in words. */
export function brokerAdvice(
  name: string,
  found: BrokerFinding,
  settings: ConnectionSettings,
): Check[] {
  const at = `broker of '${name}'`;
  if (!found.reachable) {
    return [check(at, 'bad', found.fault, 'until then nothing of this source is measured')];
  }
  const checks = [sessionCheck(at, found), expiryCheck(at, found, settings)];
  if (found.maximumQos === 0) {
    const advice = 'messages are lost while we are away: allow QoS 1';
    checks.push(check(`${at}: quality of service`, 'bad', 'QoS 0 only', advice));
  }
  const { queueGot, queueTried, retained } = found;
  if (queueGot !== null) {
    const short = queueGot < queueTried;
    const wanted = queueTried < QUEUE_WANTED ? ' (try --queue 2000)' : '';
    const said = `${queueGot} of ${queueTried} messages were kept${wanted}`;
    const advice = 'longer absences lose parts: mosquitto max_queued_messages 0 or 100000';
    checks.push(check(`${at}: queue`, short ? 'warn' : 'ok', said, short ? advice : ''));
  }
  if (retained !== null) {
    const many = retained > RETAINED_MANY;
    const advice = 'every new subscription begins with them: publish results without retain';
    checks.push(check(`${at}: retained`, many ? 'warn' : 'ok', `${retained}`, many ? advice : ''));
  }
  if (found.fault !== '') checks.push(check(at, 'warn', found.fault, 'not all could be looked at'));
  return checks;
}

function sessionCheck(at: string, found: BrokerFinding): Check {
  const name = `${at}: session`;
  if (found.keepsSession === null) return check(name, 'unknown', 'not seen');
  if (found.keepsSession) {
    const advice =
      'over a restart of the broker only with persistence (mosquitto: persistence true)';
    return check(name, 'ok', `kept while we were away; ${advice}`);
  }
  return check(name, 'bad', 'forgotten at once', 'what is sent while we are away is lost');
}

function expiryCheck(at: string, found: BrokerFinding, settings: ConnectionSettings): Check {
  const wanted = Math.round(settings.sessionExpiry / 1000);
  const name = `${at}: limits`;
  const { sessionExpiryS: given, receiveMaximum, maximumPacketSize } = found;
  if (given !== null && given < wanted) {
    const advice = 'an absence longer than that loses parts: allow more in the broker';
    return check(name, 'warn', `keeps sessions ${given} s of the ${wanted} s asked for`, advice);
  }
  if (maximumPacketSize !== null && maximumPacketSize < settings.maxBytes) {
    return check(
      name,
      'warn',
      `messages up to ${maximumPacketSize} bytes`,
      'larger ones never come',
    );
  }
  const said = receiveMaximum === null ? 'none told' : `${receiveMaximum} messages under way`;
  return check(name, 'ok', said);
}
