import type { DatabaseSync } from 'node:sqlite';

/** Small lasting numbers for texts that many rows repeat. */
export interface Names {
  /** number of a characteristic id; a new one gets the next free number, counted from 0 */
  characteristic(id: string): number;
  /** number of any other word: kind of chart, rule id */
  word(word: string): number;
}

/** Writing side: numbers are made inside the caller's transaction. */
export function openNames(db: DatabaseSync): Names {
  return {
    characteristic: numbering(db, 'characteristics', 'number', 'id'),
    word: numbering(db, 'words', 'id', 'word'),
  };
}

function numbering(db: DatabaseSync, table: string, number: string, text: string) {
  const known = new Map<string, number>();
  let next = 0;
  for (const row of db.prepare(`SELECT ${number} AS n, ${text} AS t FROM ${table}`).all()) {
    known.set(String(row['t']), Number(row['n']));
    next = Math.max(next, Number(row['n']) + 1);
  }
  const insert = db.prepare(`INSERT INTO ${table} (${number}, ${text}) VALUES (?, ?)`);
  return (of: string): number => {
    const found = known.get(of);
    if (found !== undefined) return found;
    insert.run(next, of);
    known.set(of, next);
    next += 1;
    return next - 1;
  };
}
