import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createDisk } from './disk.ts';
import { checkImage } from './image-check.ts';
import { readStore } from './oracle.ts';
import { type Promised, type Record, readRecording } from './recording.ts';
import { type Reference, readReference } from './reference.ts';

const LOOKS = 8;

/**
 * A store whose disk failed, at its end: everything acknowledged is there, once, the file is whole
 * and its state is what the journal makes of it.
 */
export function judgeStored(dataDir: string, keys: readonly string[]): string[] {
  const reference = readReference(join(dataDir, 'meyar.db'));
  const problems = storedIn(dataDir, reference, keys);
  reference.db.close();
  return problems.slice(0, 3);
}

/**
 * The same, and the disks that a power cut would have left after each of the first acknowledgements
 * behind a failed sync, if what that should have written never was.
 */
export function judgeFailed(
  dataDir: string,
  log: string,
  promisedOf: (records: readonly Record[]) => Promised[],
): string[] {
  const reference = readReference(join(dataDir, 'meyar.db'));
  const records = readRecording(log);
  const acks = promisedOf(records);
  const problems = [
    ...powerCuts(dataDir, reference, records, acks),
    // Last, because it opens the store as a start does.
    ...storedIn(
      dataDir,
      reference,
      acks.map(({ key }) => key),
    ),
  ];
  reference.db.close();
  return problems.slice(0, 3);
}

function storedIn(dataDir: string, reference: Reference, keys: readonly string[]): string[] {
  const missing = keys.filter((key) => !reference.seqOf.has(key));
  return [
    ...reference.twice.slice(0, 3).map((key) => `${key} counted twice`),
    ...missing.slice(0, 3).map((key) => `${key} acknowledged, not stored`),
    ...checkImage(dataDir, reference, reference.head).map((text) => `at the end: ${text}`),
  ];
}

function powerCuts(
  dataDir: string,
  reference: Reference,
  records: readonly Record[],
  acks: readonly Promised[],
): string[] {
  const problems: string[] = [];
  const failure = records.findIndex((r) => r.type === 'F');
  if (failure < 0) return problems;
  const disk = createDisk(dataDir, { failedSyncsLose: true });
  const image = `${dataDir}-image`;
  let promisedSeq = 0;
  let ack = 0;
  let looked = 0;
  for (const [at, record] of records.entries()) {
    disk.take(record);
    const before = promisedSeq;
    for (; ack < acks.length && (acks[ack]?.at ?? 0) <= at; ack += 1) {
      promisedSeq = Math.max(promisedSeq, reference.seqOf.get(acks[ack]?.key ?? '') ?? 0);
    }
    if (promisedSeq === before || at < failure) continue;
    looked += 1;
    mkdirSync(image, { recursive: true });
    disk.image(image, 'none', () => 0);
    problems.push(...checkImage(image, reference, promisedSeq).map((t) => `power cut then: ${t}`));
    rmSync(image, { recursive: true, force: true });
    if (looked >= LOOKS) break;
  }
  return problems;
}

/** The points and signals of a store in a few letters, without their places in the journal. */
export function contentsOf(file: string): string {
  const { points, signals } = readStore(file);
  const hash = createHash('sha256');
  for (const list of [...points.values(), ...signals.values()]) hash.update(list.join('\n'));
  return hash.digest('hex');
}
