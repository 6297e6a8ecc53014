import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeBatch } from '../../agent/batch.ts';
import { CHUNK } from '../../agent/store/codec.ts';
import { openReader } from '../../agent/store/reader.ts';
import { folder, open } from './support.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
const KILLS = 10;
const SEED = 20_260_801;

let at: ReturnType<typeof folder>;
beforeEach(() => {
  at = folder();
});
afterEach(() => at.clean());

/** Starts the writer and kills it a while after it opened the file; what it said last. */
async function runAndKill(file: string, afterMs: number) {
  const child: ChildProcess = spawn(process.execPath, [CHILD, file]);
  let said = '';
  let errors = '';
  let timer: NodeJS.Timeout | undefined;
  child.stdout?.on('data', (data) => {
    timer ??= setTimeout(() => child.kill('SIGKILL'), afterMs);
    said += String(data);
  });
  child.stderr?.on('data', (data) => {
    errors += String(data);
  });
  await new Promise((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  const lines = said.split('\n').slice(0, -1);
  expect(errors).toBe('');
  return { first: lines[0] ?? '', last: Number(lines.at(-1)) || Number(lines[0]?.split(' ')[1]) };
}

/** Everything that a store written by the child must hold, whenever that was killed. */
function check(file: string): number {
  const db = new DatabaseSync(file, { readOnly: true });
  expect(Object.values(db.prepare('PRAGMA integrity_check').get() ?? {})[0]).toBe('ok');
  db.close();
  const reader = openReader(file);
  const head = reader.head();
  let seen = 0;
  for (let after = 0; after < head; ) {
    const rows = reader.rows(after, 50_000);
    for (const { seq, bytes } of rows.batches) {
      seen += 1;
      expect(seq).toBe(seen);
      expect(decodeBatch(bytes).value.every((value) => value === seq)).toBe(true);
    }
    expect(rows.points.map((p) => p.index)).toEqual(rows.batches.map((b) => b.seq));
    after = rows.upTo;
  }
  expect(seen).toBe(head);
  for (const id of ['od', 'bore', 'runout']) {
    let next = 10;
    reader.scan(id, (chunk) => {
      for (let i = 0; i < chunk.count; i += 1) {
        const right = chunk.sequence[i] === next && chunk.value[i] === (next % 97) / 100;
        if (!right) throw new Error(`${id}: ${chunk.sequence[i]} where ${next} should be`);
        next += 1;
      }
      return true;
    });
    // All full chunks, and the open one as of the state, which is at most 7 transactions old.
    expect(next).toBeGreaterThan(10 * (head - 7));
  }
  reader.close();
  return head;
}

describe('a writer that is killed', () => {
  it(`loses nothing that it committed in ${KILLS} kills`, async () => {
    let random = SEED;
    let acknowledged = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      random = (random * 48_271) % 2_147_483_647;
      const run = await runAndKill(at.file, 5 + (random % 120));
      expect(run.first, `kill ${kill}`).toMatch(/^open \d+ null$/);
      expect(run.last).toBeGreaterThanOrEqual(acknowledged);
      acknowledged = run.last;
      expect(check(at.file), `kill ${kill}`).toBeGreaterThanOrEqual(acknowledged);
    }
    expect(acknowledged).toBeGreaterThan(KILLS);
  });

  it('leaves the same history as one that was not', async () => {
    for (const afterMs of [60, 120, 90]) await runAndKill(at.file, afterMs);
    const most = CHUNK;
    execFileSync(process.execPath, [CHILD, at.file, String(most)]);
    execFileSync(process.execPath, [CHILD, `${at.path}/whole.db`, String(most)]);
    const killed = history(at.file);
    const head = open(at.file);
    expect(head.head()).toBeGreaterThanOrEqual(most);
    head.close();
    expect(killed.length).toBeGreaterThanOrEqual(10);
    const whole = history(`${at.path}/whole.db`);
    // The killed one may have got further before the last kill.
    expect(killed.slice(0, whole.length)).toEqual(whole);
  });
});

/** Rows of the history, in order, with their bytes; the transaction that wrote them may differ. */
function history(file: string): unknown[] {
  const db = new DatabaseSync(file, { readOnly: true });
  const sql = `SELECT s.*, c.data, NULL AS seq FROM summaries AS s JOIN chunks AS c USING (id)
    WHERE id < 4294967296 ORDER BY id`;
  const rows = db.prepare(sql).all();
  db.close();
  return rows;
}

describe('a disk that is full', () => {
  it('ends in a named error, keeps what was committed, and works again with more room', () => {
    const limited = `ulimit -f 4096; exec "${process.execPath}" "${CHILD}" "${at.file}" 100000`;
    const said = execFileSync('bash', ['-c', limited], { encoding: 'utf8' }).trim().split('\n');
    const last = said.at(-1) ?? '';
    expect(last).toMatch(/^failed (full|io) \d+$/);
    const head = Number(last.split(' ')[2]);
    expect(Number(said.at(-2))).toBe(head);
    expect(check(at.file)).toBe(head);
    execFileSync(process.execPath, [CHILD, at.file, String(head + 10)]);
    expect(check(at.file)).toBe(head + 10);
  });
});
