import type { DatabaseSync } from 'node:sqlite';

/** Most rows that one question gets; a page cannot show more. */
const MOST_ROWS = 5000;

/** A limit that somebody asked for, made harmless. */
export const bounded = (limit: number, most = MOST_ROWS): number =>
  Math.max(0, Math.min(most, Math.floor(limit) || 0));

/** Every statement of `work` sees the same moment of the database. */
export function snapshot<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN');
  try {
    return work();
  } finally {
    db.exec('COMMIT');
  }
}

/** The reader's side of the names: found when first asked for, kept, looked up again when new. */
export interface KnownNames {
  /** undefined when nothing was ever stored for the id */
  number(id: string): number | undefined;
  characteristic(number: number): string;
  word(id: number): string;
  wordId(word: string): number | undefined;
}

export function knownNames(db: DatabaseSync): KnownNames {
  const characteristics = table(db, 'SELECT number AS n, id AS t FROM characteristics');
  const words = table(db, 'SELECT id AS n, word AS t FROM words');
  return {
    number: characteristics.number,
    characteristic: characteristics.text,
    word: words.text,
    wordId: words.number,
  };
}

function table(db: DatabaseSync, sql: string) {
  const all = db.prepare(sql);
  const texts = new Map<number, string>();
  const numbers = new Map<string, number>();
  const load = () => {
    for (const row of all.all()) {
      texts.set(Number(row['n']), String(row['t']));
      numbers.set(String(row['t']), Number(row['n']));
    }
  };
  return {
    number(text: string): number | undefined {
      if (!numbers.has(text)) load();
      return numbers.get(text);
    },
    text(number: number): string {
      if (!texts.has(number)) load();
      return texts.get(number) ?? `#${number}`;
    },
  };
}
