import { createHash, randomBytes } from 'node:crypto';
import type { AccountChange } from '../../model.ts';
import { badField, ProblemError } from '../problem.ts';
import { dropSessionsOf, type Factor, putUser, type User, withoutFactor } from './accounts.ts';
import { type AuthState, commit, inTurn, type Who } from './auth.ts';
import { type Qr, qrOf } from './qr.ts';
import { begin, entryOf, mayTry, noPerson, proven, still, tellFailure } from './steps.ts';
import { grouped, newTotpSecret, otpauth, stepFor } from './totp.ts';

const ENROL_MS = 10 * 60_000;
const RECOVERY_CODES = 10;
/** More steps than codes are good for at a time: what falls out is over. */
const MOST_USED = 8;

/** What an app needs; shown once. */
export interface Enrolment {
  secret: string;
  uri: string;
  qr: Qr | null;
}

/**
 * The second step of a login. Resolves to what was shown and to what changes with it; throws 401
 * without a right code, 429 after too many wrong ones. Call it in turn.
 */
export async function passFactor(
  a: AuthState,
  who: Who,
  user: User,
  code: string | undefined,
): Promise<{ by: string; changes: AccountChange[] }> {
  const { factor } = user;
  if (factor === undefined || a.security.secondFactor === 'off') return { by: '', changes: [] };
  if (code === undefined) {
    throw new ProblemError(
      401,
      'code-needed',
      'The password is right; a code of the second factor is needed as well.',
      'Type the six digits that the app shows, or one of the recovery codes.',
    );
  }
  mayTry(a, { code: user.key });
  const used = useCode(factor, code, a.clock.now());
  if (used === null) {
    await tellFailure(a, who, user, 'second-factor-failed');
    throw new ProblemError(401, 'wrong-code', ...wrongCode(a));
  }
  a.tries.code.forget(user.key);
  return { by: used.by, changes: [putUser({ ...user, factor: used.factor })] };
}

/** A secret for an app. Nothing is kept until a code of it was typed. */
export async function beginFactor(a: AuthState, who: Who, password: string): Promise<Enrolment> {
  if (a.security.secondFactor === 'off') {
    throw conflict('The settings ask nobody for a second factor.', 'See security.secondFactor.');
  }
  const user = await proven(a, who, password, 'password');
  if (user.factor !== undefined) {
    throw conflict('There is a second factor already.', 'Remove it first.');
  }
  const secret = newTotpSecret();
  a.enrolling.set(user.key, { secret, untilMs: a.clock.now() + ENROL_MS });
  const uri = otpauth(`Meyar ${a.plant.name}`, user.name, secret);
  return { secret: grouped(secret), uri, qr: qrOf(uri) };
}

/** The first code of the app turns it on; resolves to recovery codes and the new session. */
export function confirmFactor(
  a: AuthState,
  who: Who,
  code: string,
): Promise<{ recovery: string[]; session: string }> {
  return inTurn(a, async () => {
    const user = a.accounts.users.get(a.accounts.sessions.get(who.id)?.user ?? '');
    if (user === undefined) throw noPerson();
    const begun = a.enrolling.get(user.key);
    if (begun === undefined || begun.untilMs <= a.clock.now() || user.factor !== undefined) {
      throw conflict('No second factor is being set up.', 'Begin again.');
    }
    mayTry(a, { code: user.key });
    const step = stepFor(begun.secret, code, a.clock.now(), []);
    if (step === null) throw badField('code', wrongCode(a).join(' '));
    a.tries.code.forget(user.key);
    a.enrolling.delete(user.key);
    const { codes, hashes } = newRecovery();
    const own = { secret: begun.secret, sinceMs: a.clock.now(), used: [step], recovery: hashes };
    const changed = { ...user, factor: own };
    const over = dropSessionsOf(a.accounts, user.key);
    const told = { what: 'second-factor-on' };
    const session = await begin(a, who, changed, told, [putUser(changed), ...over]);
    return { recovery: codes, session };
  });
}

/** New recovery codes in place of all old ones. */
export async function renewRecovery(a: AuthState, who: Who, given: Proof): Promise<string[]> {
  const user = await proven(a, who, given.password, 'password');
  return inTurn(a, async () => {
    const factor = shown(a, still(a, user), given.code);
    const { codes, hashes } = newRecovery();
    const changed = { ...still(a, user), factor: { ...factor, recovery: hashes } };
    await commit(a, entryOf(who, 'recovery-codes', user.name), [putUser(changed)]);
    return codes;
  });
}

/** Turns one's own second factor off. */
export async function removeFactor(a: AuthState, who: Who, given: Proof): Promise<void> {
  const user = await proven(a, who, given.password, 'password');
  await inTurn(a, async () => {
    shown(a, still(a, user), given.code);
    const changes = [putUser(withoutFactor(still(a, user)))];
    await commit(a, entryOf(who, 'second-factor-off', user.name), changes);
  });
}

interface Proof {
  password: string;
  code: string;
}

/** The factor of somebody who has just shown a code of it. */
function shown(a: AuthState, user: User, code: string): Factor {
  if (user.factor === undefined) throw conflict('There is no second factor.', 'Set one up first.');
  mayTry(a, { code: user.key });
  const used = useCode(user.factor, code, a.clock.now());
  if (used === null) throw badField('code', wrongCode(a).join(' '));
  a.tries.code.forget(user.key);
  return used.factor;
}

/** The factor without the code that was shown; null when the code is wrong or was used. */
function useCode(factor: Factor, code: string, nowMs: number) {
  const step = stepFor(factor.secret, code, nowMs, factor.used);
  if (step !== null) {
    const used = [...factor.used, step].slice(-MOST_USED);
    return { by: 'code', factor: { ...factor, used } };
  }
  const hash = recoveryHash(code);
  if (!factor.recovery.includes(hash)) return null;
  const recovery = factor.recovery.filter((one) => one !== hash);
  return { by: `recovery code, ${recovery.length} left`, factor: { ...factor, recovery } };
}

/** 128 random bits each: a fast hash is enough for what nobody can guess. */
function newRecovery(): { codes: string[]; hashes: string[] } {
  const codes = Array.from({ length: RECOVERY_CODES }, () => {
    const hex = randomBytes(16).toString('hex');
    return (hex.match(/.{8}/g) ?? []).join('-');
  });
  return { codes, hashes: codes.map(recoveryHash) };
}

const recoveryHash = (code: string): string =>
  createHash('sha256')
    .update(code.toLowerCase().replace(/[^0-9a-f]/g, ''))
    .digest('hex');

/** A box without a battery for its clock makes other codes than the phone does. */
function wrongCode(a: AuthState): [string, string] {
  const time = new Date(a.clock.now()).toISOString().slice(0, 19);
  return [
    'The code is wrong or was used before.',
    `Wait for the next one. The clock of this machine says ${time} UTC: when that is wrong, use a ` +
      'recovery code.',
  ];
}

const conflict = (what: string, hint: string) => new ProblemError(409, 'conflict', what, hint);
