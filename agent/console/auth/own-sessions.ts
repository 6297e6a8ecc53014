import { dropSession, type Session } from './accounts.ts';
import { type AuthState, commit, inTurn, isGood, type Who } from './auth.ts';
import { entryOf, noPerson, proven } from './steps.ts';

/** Enough to tell one's screens apart; what a cookie holds cannot be had from it. */
const SHOWN = 16;

export interface OwnSession {
  id: string;
  /** the one that asks */
  own: boolean;
  createdMs: number;
  seenMs: number;
  address: string;
}

/** Where the person who asks is logged in, the newest first. */
export function ownSessions(a: AuthState, who: Who): OwnSession[] {
  return sessionsOf(a, who).map((one) => ({
    ...{ id: one.id.slice(0, SHOWN), own: one.id === who.id },
    ...{ createdMs: one.createdMs, seenMs: one.seenMs, address: one.address },
  }));
}

/** Logs out one of these screens, or with null all but the one that asks; resolves to how many. */
export async function endOwnSessions(
  a: AuthState,
  who: Who,
  given: { password: string; id: string | null },
): Promise<number> {
  const user = await proven(a, who, given.password, 'password');
  return inTurn(a, async () => {
    const wanted = (one: Session) => given.id === null || one.id.startsWith(given.id);
    const over = sessionsOf(a, who).filter((one) => one.id !== who.id && wanted(one));
    const changes = over.map((one) => dropSession(one.id));
    const told = { after: `${over.length} of one's own` };
    await commit(a, { ...entryOf(who, 'sessions-end', user.name), ...told }, changes);
    return over.length;
  });
}

function sessionsOf(a: AuthState, who: Who): Session[] {
  const key = who.by === 'session' ? a.accounts.sessions.get(who.id)?.user : undefined;
  if (key === undefined) throw noPerson();
  return [...a.accounts.sessions.values()]
    .filter((one) => one.user === key && isGood(a, one))
    .sort((x, y) => y.seenMs - x.seenMs);
}
