import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccountStore } from './console/view.ts';
import type { CoreClient } from './core/client.ts';
import type { AccountChange, Actor, AuditEntry } from './model.ts';
import { InputError, messageOf } from './runtime/errors.ts';
import type { Log } from './runtime/log.ts';
import type { AsyncReader } from './store/reader-client.ts';

export interface AccountParts {
  core: CoreClient;
  reader: AsyncReader;
  dataDir: string;
  log: Log;
}

/** The agent itself, in the audit log. */
const AGENT: Actor = { who: 'agent', role: 'agent', address: '' };

/**
 * Accounts and audit log in the store. A copy of users and tokens lies beside it: a store that was
 * lost and begun anew must not open the console to everybody.
 */
export async function openAccounts(p: AccountParts): Promise<AccountStore> {
  const kept = new Map(Object.entries(await p.reader.accounts()));
  const file = join(p.dataDir, 'accounts.json');
  const save: AccountStore['save'] = async (entry, changes) => {
    const answer = await p.core.audit(entry, changes);
    if (answer.error !== undefined) throw new InputError(answer.error);
    if (entry !== null) p.log.info('audit', { ...entry.actor, what: entry.what, of: entry.object });
    for (const [key, json] of changes) {
      if (json === null) kept.delete(key);
      else kept.set(key, json);
    }
    if (changes.some(([key]) => isLasting(key))) copyTo(file, kept, p.log);
  };
  if (![...kept.keys()].some(isUser)) await restore(file, save, p.log);
  else copyTo(file, kept, p.log);
  return {
    load: async () => Object.fromEntries(kept),
    save,
    rows: (query) => p.reader.audit(query),
  };
}

/** A row about the agent itself; what it tells of happens whether the row can be written or not. */
export async function tell(core: CoreClient, log: Log, what: string, more: Partial<AuditEntry>) {
  const entry = { actor: AGENT, what, object: '', before: '', after: '', why: '', ...more };
  const { error } = await core.audit(entry);
  if (error !== undefined) log.warn('audit-failed', { what, message: error });
}

/** Short name of checked settings: the same settings give the same, others another. */
export const settingsHash = (settings: unknown): string =>
  createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 16);

async function restore(file: string, save: AccountStore['save'], log: Log): Promise<void> {
  const copy = copyIn(file, log);
  if (!copy.some(([key]) => isUser(key))) return;
  const users = copy.filter(([key]) => isUser(key)).length;
  const entry: AuditEntry = {
    ...{ actor: AGENT, what: 'accounts-restored', object: 'accounts.json', before: '' },
    ...{ after: `${users} users`, why: 'the store holds no users' },
  };
  await save(entry, copy);
  log.warn('accounts-restored', { users });
}

function copyIn(file: string, log: Log): AccountChange[] {
  try {
    const rows = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    return Object.entries(rows).map(([key, value]) => [key, JSON.stringify(value)]);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!missing) log.error('accounts-copy', { message: messageOf(error) });
    return [];
  }
}

/** Whole or not at all: written beside it, then put in its place. */
function copyTo(file: string, kept: ReadonlyMap<string, string>, log: Log): void {
  const rows = [...kept].filter(([key]) => isLasting(key));
  const parsed = Object.fromEntries(rows.map(([key, json]) => [key, JSON.parse(json)]));
  try {
    writeFileSync(`${file}.new`, `${JSON.stringify(parsed)}\n`, { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
  } catch (error) {
    log.error('accounts-copy', { message: messageOf(error) });
  }
}

const isUser = (key: string) => key.startsWith('user:');
/** Logins need not outlive a lost store. */
const isLasting = (key: string) => !key.startsWith('session:');
