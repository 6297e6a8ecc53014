import { randomInt } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  dropSessionsOf,
  isLastAdmin,
  keyOf,
  putUser,
  readAccounts,
  type User,
  withoutFactor,
} from '../console/auth/accounts.ts';
import { writeCode } from '../console/auth/code.ts';
import { createHasher } from '../console/auth/hasher.ts';
import { userName } from '../console/routes/session.ts';
import type { AccountChange, AuditEntry, Role } from '../model.ts';
import { ROLES } from '../model.ts';
import { InputError } from '../runtime/errors.ts';
import { openReader } from '../store/reader.ts';
import { openWriter } from '../store/writer.ts';
import { type Command, EXIT, type Terminal, type Values } from './command.ts';

/** Users from the machine itself: whoever can read the data folder may do this. */
export const user: Command = {
  summary: 'users of the console, from the machine itself: the first one, or a way back in',
  usage:
    '(code|list|add|password|remove [NAME] | --reset-second-factor NAME) [--role ROLE] ' +
    '[--data DIR] [--json]',
  help: [
    'code             make a one-time code, good for 15 minutes: with it the page makes an',
    '                 administrator or gives one a new password; works while the agent runs',
    'list             names and roles',
    'add NAME         a new user with a password that is made up and shown once; it lets look only,',
    '                 until the person has chosen another on the page',
    'password NAME    a new password, made up and shown once; all logins of this user end',
    'remove NAME      what this person did stays in the records',
    '--reset-second-factor NAME',
    '                 take away a second factor that was lost; all logins of this user end',
    '--role ROLE      viewer, operator, quality or admin (default: viewer)',
    '--data DIR       the data folder of the agent (default: ./data)',
    '--json           {name, role, password} or {code} or [{name, role, secondFactor}]',
    '',
    'add, password, remove and --reset-second-factor need the agent to be stopped; while it runs, use',
    'code and the page: whoever comes in with a one-time code has no second factor afterwards.',
  ],
  example: 'meyar user add "Sana Malik" --role admin --data /var/lib/meyar',
  options: {
    role: { type: 'string', default: 'viewer' },
    'reset-second-factor': { type: 'string' },
    data: { type: 'string', default: 'data' },
    json: { type: 'boolean' },
  },
  positionals: [0, 2],
  async run(words, values, terminal) {
    const [action, name] = wishOf(words, values);
    const dataDir = String(values['data']);
    if (!existsSync(dataDir)) {
      throw new InputError(`the data folder ${dataDir} does not exist — name it with --data DIR`);
    }
    if (action === 'code') return code(dataDir, values, terminal);
    if (action === 'list') return list(dataDir, values, terminal);
    const make = CHANGES[action];
    if (make === undefined) {
      throw new InputError(
        `meyar user ${action}: one of code, list, add, password, remove — or --reset-second-factor NAME`,
      );
    }
    if (name === undefined) throw new InputError(`meyar user ${action}: name the user`);
    const told = await change(dataDir, name, make, values, terminal);
    if (values['json'] === true) terminal.out(JSON.stringify(told));
    else terminal.out(sayChange(action, told));
    return EXIT.done;
  },
};

function wishOf([action = '', name]: string[], values: Values): [string, string | undefined] {
  const reset = values['reset-second-factor'];
  if (typeof reset !== 'string') return [action, name];
  if (action === '') return [RESET, reset];
  throw new InputError(`meyar user: either ${action} or --reset-second-factor, not both`);
}

interface Told {
  name: string;
  role: Role;
  password: string | null;
}

interface Change {
  told: Told;
  what: string;
  changes: AccountChange[];
}

type Make = (now: Now) => Promise<Change>;

interface Now {
  accounts: ReturnType<typeof readAccounts>;
  name: string;
  before: User | undefined;
  role: string;
  nowMs: number;
}

const RESET = 'second-factor-reset';

const CHANGES: Record<string, Make> = {
  async [RESET]({ accounts, name, before }) {
    const user = existing(name, before);
    if (user.factor === undefined) throw new InputError(`'${user.name}' has no second factor`);
    const changes = [putUser(withoutFactor(user)), ...dropSessionsOf(accounts, user.key)];
    return { told: { name: user.name, role: user.role, password: null }, what: RESET, changes };
  },
  async add({ name, before, role, nowMs }) {
    if (before !== undefined) throw new InputError(`there is a user '${before.name}' already`);
    const checked = userName.safeParse(name);
    if (!checked.success) throw new InputError(`'${name}': ${checked.error.issues[0]?.message}`);
    const known = ROLES.find((one) => one === role);
    if (known === undefined) throw new InputError(`--role ${role}: one of ${ROLES.join(', ')}`);
    const password = madeUp();
    const hash = await createHasher().hash(password);
    const own = { key: keyOf(name), name: checked.data, role: known };
    const changes = [putUser({ ...own, password: hash, createdMs: nowMs, initial: true })];
    return { told: { name: own.name, role: known, password }, what: 'user-add', changes };
  },
  async password({ accounts, name, before }) {
    const { key, name: written, role } = existing(name, before);
    const password = madeUp();
    const hash = await createHasher().hash(password);
    const user: User = { ...existing(name, before), password: hash, initial: true };
    const changes = [putUser(user), ...dropSessionsOf(accounts, key)];
    return { told: { name: written, role, password }, what: 'user-password', changes };
  },
  async remove({ accounts, name, before }) {
    const gone = existing(name, before);
    if (isLastAdmin(accounts, gone) && accounts.users.size > 1) {
      throw new InputError(`'${gone.name}' is the last user with the role admin`);
    }
    const changes = [[`user:${gone.key}`, null] as const, ...dropSessionsOf(accounts, gone.key)];
    const told = { name: gone.name, role: gone.role, password: null };
    return { told, what: 'user-remove', changes };
  },
};

function existing(name: string, before: User | undefined): User {
  if (before === undefined) throw new InputError(`there is no user '${name}'`);
  return before;
}

/** In one transaction with its row of the audit log; the agent must not hold the store. */
async function change(
  dataDir: string,
  name: string,
  make: Make,
  values: Values,
  terminal: Terminal,
): Promise<Told> {
  const file = join(dataDir, 'meyar.db');
  const writer = openWriter(file, { monotonic: terminal.clock.monotonic });
  try {
    const accounts = readAccounts(accountsIn(file));
    const nowMs = terminal.clock.now();
    const before = accounts.users.get(keyOf(name));
    const role = String(values['role']);
    const { told, what, changes } = await make({ accounts, name, before, role, nowMs });
    const entry: AuditEntry = {
      actor: { who: 'data folder', role: 'local', address: '' },
      ...{ what, object: told.name, before: before?.role ?? '' },
      ...{ after: what === 'user-remove' ? '' : told.role, why: 'meyar user' },
    };
    writer.begin(nowMs);
    writer.audit(entry, changes);
    writer.commit();
    // The agent would bring users back from its copy when the store holds none.
    const last = what === 'user-remove' && accounts.users.size === 1;
    if (last) rmSync(join(dataDir, 'accounts.json'), { force: true });
    return told;
  } finally {
    writer.close();
  }
}

function accountsIn(file: string): Record<string, string> {
  if (!existsSync(file)) return {};
  const reader = openReader(file);
  try {
    return reader.accounts();
  } finally {
    reader.close();
  }
}

function code(dataDir: string, values: Values, terminal: Terminal): number {
  const made = writeCode(dataDir, terminal.clock.now());
  const text = `${made} is good for 15 minutes, once: open the console's page at #/claim`;
  terminal.out(values['json'] === true ? JSON.stringify({ code: made }) : text);
  return EXIT.done;
}

function list(dataDir: string, values: Values, terminal: Terminal): number {
  const { users } = readAccounts(accountsIn(join(dataDir, 'meyar.db')));
  const rows = [...users.values()].map(({ name, role, factor }) => {
    return { name, role, secondFactor: factor !== undefined };
  });
  if (values['json'] === true) terminal.out(JSON.stringify(rows));
  else if (rows.length === 0) terminal.out('no users: the console is open on this machine only');
  else for (const one of rows) terminal.out(line(one));
  return EXIT.done;
}

const line = (one: { name: string; role: string; secondFactor: boolean }) =>
  `${one.role.padEnd(9)} ${one.name}${one.secondFactor ? ' (second factor)' : ''}`;

function sayChange(action: string, { name, role, password }: Told): string {
  if (action === RESET) return `${name}: has no second factor any more`;
  if (password === null) return `${name}: removed`;
  const did = action === 'add' ? `added as ${role}` : 'has a new password';
  return `${name}: ${did}. The password, shown only now: ${password}`;
}

/** 25 letters and digits, about 120 bits; nobody has to think one up at a terminal. */
function madeUp(): string {
  const signs = 'abcdefghjkmnpqrstuvwxyz23456789';
  const group = () => Array.from({ length: 5 }, () => signs[randomInt(signs.length)]).join('');
  return Array.from({ length: 5 }, group).join('-');
}
