import type { AccountStore } from '../../agent/console/view.ts';
import type { AuditEntry, AuditRow } from '../../agent/model.ts';

/** Accounts and audit log in memory, with what was written to look at. */
export interface FakeAccounts extends AccountStore {
  entries: AuditEntry[];
  kept: Map<string, string>;
}

/** Starts with these accounts: key → JSON. */
export function fakeAccounts(start: Record<string, string> = {}): FakeAccounts {
  const entries: AuditEntry[] = [];
  const kept = new Map(Object.entries(start));
  const rowOf = (entry: AuditEntry, i: number): AuditRow => ({
    ...entry,
    ...{ n: i + 1, at: '2026-03-01T08:00:00.000Z', clock: 'set', hash: 'f'.repeat(64) },
  });
  return {
    entries,
    kept,
    load: async () => Object.fromEntries(kept),
    async save(entry, changes) {
      if (entry !== null) entries.push(entry);
      for (const [key, json] of changes) {
        if (json === null) kept.delete(key);
        else kept.set(key, json);
      }
    },
    rows: async ({ limit, before = Infinity }) =>
      entries
        .map(rowOf)
        .filter((row) => row.n < before)
        .reverse()
        .slice(0, limit),
  };
}
