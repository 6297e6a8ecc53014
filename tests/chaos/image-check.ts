import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { recover } from '../../agent/core/recover.ts';
import { reducerOf } from '../../agent/core/serve.ts';
import { sleep } from '../../agent/runtime/retry.ts';
import { openWriter, type StoreWriter } from '../../agent/store/writer.ts';
import { startAgentProcess } from './agent-process.ts';
import { fingerprint, type Reference } from './reference.ts';

/** What is wrong with a data folder after a cut: opened by our own code, as a start would. */
export function checkImage(folder: string, reference: Reference, promisedSeq: number): string[] {
  const file = join(folder, 'meyar.db');
  if (!existsSync(file)) return promisedSeq > 0 ? ['the database is not there at all'] : [];
  let writer: StoreWriter;
  try {
    writer = openWriter(file, { monotonic: () => performance.now() });
  } catch (error) {
    return [`cannot be opened: ${error}`];
  }
  try {
    return checkOpened(file, writer, reference, promisedSeq);
  } catch (error) {
    return [`cannot be used: ${error}`];
  } finally {
    writer.close();
  }
}

function checkOpened(
  file: string,
  writer: StoreWriter,
  reference: Reference,
  promisedSeq: number,
): string[] {
  if (writer.opened.quarantined !== null) return ['was taken for damaged and moved aside'];
  const head = writer.head();
  const problems: string[] = [];
  if (head < promisedSeq) problems.push(`ends at ${head}, acknowledged up to ${promisedSeq}`);
  const db = new DatabaseSync(file, { readOnly: true });
  const said = Object.values(db.prepare('PRAGMA integrity_check').get() ?? {})[0];
  if (said !== 'ok') problems.push(`integrity_check: ${said}`);
  let rows = 0;
  for (const row of db.prepare('SELECT seq, crc FROM journal ORDER BY seq').iterate()) {
    rows += 1;
    const seq = Number(row['seq']);
    if (seq !== rows) problems.push(`journal row ${rows} is missing`);
    if (reference.crc.get(seq) !== Number(row['crc'])) problems.push(`journal row ${seq} differs`);
    if (problems.length > 5) break;
  }
  const here = reference.derived(db, head);
  const there = referenceRows(reference, head);
  if (here !== there) problems.push(`derived rows up to ${head}: ${here}, should be ${there}`);
  const begun = db.prepare("SELECT count(*) AS n FROM state WHERE key = 'settings'").get();
  db.close();
  if (Number(begun?.['n']) === 0) return problems;
  const { reducer } = recover({
    writer,
    settings: reference.settings,
    make: (settings) => reducerOf(settings, writer),
    newStoreId: 'unused',
    nowMs: 0,
  });
  if (fingerprint(reducer) !== reference.state(head)) {
    problems.push(`the state after ${head} is not what the journal makes of it`);
  }
  return problems;
}

const rowsKnown = new WeakMap<Reference, Map<number, string>>();

function referenceRows(reference: Reference, head: number): string {
  const mine = rowsKnown.get(reference) ?? new Map<number, string>();
  rowsKnown.set(reference, mine);
  const rows = mine.get(head) ?? reference.derived(reference.db, head);
  mine.set(head, rows);
  return rows;
}

/** Starts the whole agent on a data folder and ends it in order; what is wrong with that. */
export async function bootImage(
  folder: string,
  settings: string,
  reference: Reference,
): Promise<string[]> {
  const agent = startAgentProcess(settings, folder);
  try {
    const address = await agent.url;
    for (let tries = 0; ; tries += 1) {
      const ready = await fetch(`${address}/readyz`);
      if (ready.ok) break;
      if (tries > 100) return [`not ready: ${await ready.text()}`];
      await sleep(50);
    }
    const answer = await fetch(`${address}/api/characteristics`);
    const list = (await answer.json()) as { readings: number }[];
    const shown = list.reduce((n, c) => n + c.readings, 0);
    await agent.kill('SIGTERM');
    const moved = readdirSync(folder).filter((name) => name.includes('damaged'));
    if (moved.length > 0) return [`the agent moved ${moved.join(', ')} aside`];
    const db = new DatabaseSync(join(folder, 'meyar.db'), { readOnly: true });
    const sql = 'SELECT coalesce(max(seq), 0) AS head FROM journal WHERE readings > 0';
    const head = Number(db.prepare(sql).get()?.['head']);
    db.close();
    const should = reference.readings(head);
    return shown === should ? [] : [`the agent shows ${shown} readings, should be ${should}`];
  } catch (error) {
    return [`the agent does not start: ${error}`];
  } finally {
    await agent.kill('SIGKILL');
  }
}
