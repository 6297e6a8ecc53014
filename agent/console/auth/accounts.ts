import { createHash, randomBytes } from 'node:crypto';
import type { AccountChange, Role } from '../../model.ts';

/** A person. `key` is what the name is known by: case and form of letters do not matter. */
export interface User {
  key: string;
  name: string;
  role: Role;
  /** PHC text of the hash */
  password: string;
  createdMs: number;
  /** the password was made up for this person, who has to choose another */
  initial?: true;
  /** absent: the password alone opens */
  factor?: Factor;
}

/** A second factor: an app that makes codes, and one-time codes on paper for when it is lost. */
export interface Factor {
  /** base32, as the app has it; it has to be computed with, so a hash would not do */
  secret: string;
  sinceMs: number;
  /** time steps whose codes were taken lately: none is taken twice */
  used: number[];
  /** hashes of the recovery codes that are left */
  recovery: string[];
}

/** One login on one screen; only the hash of what its cookie holds is kept. */
export interface Session {
  id: string;
  user: string;
  createdMs: number;
  /** last time a person did something */
  seenMs: number;
  address: string;
}

/** What a program shows; only the hash is kept. */
export interface Token {
  id: string;
  hash: string;
  name: string;
  role: Role;
  createdMs: number;
  untilMs: number;
  by: string;
}

/** All accounts in memory, as they are in the store. */
export interface Accounts {
  users: Map<string, User>;
  sessions: Map<string, Session>;
  /** by hash */
  tokens: Map<string, Token>;
}

export const noAccounts = (): Accounts => ({
  users: new Map(),
  sessions: new Map(),
  tokens: new Map(),
});

/** Reads what the store holds; a row that cannot be read is left out: it gives nobody a right. */
export function readAccounts(rows: Readonly<Record<string, string>>): Accounts {
  const accounts = noAccounts();
  applyChanges(accounts, Object.entries(rows));
  return accounts;
}

/** Brings the memory to what was just committed. */
export function applyChanges(to: Accounts, changes: readonly AccountChange[]): void {
  for (const [key, json] of changes) {
    const [kind = '', ...rest] = key.split(':');
    const id = rest.join(':');
    const map: Map<string, unknown> | undefined = MAPS[kind]?.(to);
    const value = json === null ? null : parsed(json);
    if (value === null) map?.delete(id);
    else map?.set(id, value);
  }
}

const MAPS: Record<string, (a: Accounts) => Map<string, never>> = {
  user: (a) => a.users as Map<string, never>,
  session: (a) => a.sessions as Map<string, never>,
  token: (a) => a.tokens as Map<string, never>,
};

export const putUser = (user: User): AccountChange => [`user:${user.key}`, JSON.stringify(user)];
/** The same person with a password of their own. */
export const withPassword = ({ initial: _, ...user }: User, password: string): User => {
  return { ...user, password };
};
/** The same person without a second factor. */
export const withoutFactor = ({ factor: _, ...user }: User): User => user;
export const dropUser = (key: string): AccountChange => [`user:${key}`, null];
export const putSession = (s: Session): AccountChange => [`session:${s.id}`, JSON.stringify(s)];
export const dropSession = (id: string): AccountChange => [`session:${id}`, null];
export const putToken = (token: Token): AccountChange => [
  `token:${token.hash}`,
  JSON.stringify(token),
];
export const dropToken = (hash: string): AccountChange => [`token:${hash}`, null];

/** Every session of a user, gone. */
export const dropSessionsOf = (a: Accounts, user: string): AccountChange[] =>
  [...a.sessions.values()].filter((s) => s.user === user).map((s) => dropSession(s.id));

/** What a name is known by. */
export const keyOf = (name: string): string => name.normalize('NFKC').trim().toLowerCase();

/** 256 bits that nobody guesses, and what is kept of them. */
export function newSecret(prefix = ''): { secret: string; hash: string } {
  const secret = prefix + randomBytes(32).toString('base64url');
  return { secret, hash: hashOf(secret) };
}

/** A fast hash is enough: there is nothing to guess in 256 random bits. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** True when nobody else could administer this agent. */
export const isLastAdmin = (a: Accounts, user: User): boolean =>
  user.role === 'admin' &&
  [...a.users.values()].every((one) => one.key === user.key || one.role !== 'admin');

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
