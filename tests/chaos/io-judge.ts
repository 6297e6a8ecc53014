import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createDisk } from './disk.ts';
import { checkImage } from './image-check.ts';
import { type Promised, type Record, readRecording } from './recording.ts';
import { readReference } from './reference.ts';

const LOOKS = 8;

/**
 * A store whose disk failed, at its end: everything acknowledged is there, once. And the disks that
 * a power cut would have left after each of the first acknowledgements behind the failure, if what a
 * failed sync should have written never was.
 */
export function judgeFailed(
  dataDir: string,
  log: string,
  promisedOf: (records: readonly Record[]) => Promised[],
): string[] {
  const reference = readReference(join(dataDir, 'meyar.db'));
  const records = readRecording(log);
  const acks = promisedOf(records);
  const problems: string[] = reference.twice.slice(0, 3).map((key) => `${key} counted twice`);
  const missing = acks.filter(({ key }) => !reference.seqOf.has(key));
  for (const { key } of missing.slice(0, 3)) problems.push(`${key} acknowledged, not stored`);
  const disk = createDisk(dataDir, { failedSyncsLose: true });
  const failure = records.findIndex((r) => r.type === 'F');
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
    if (promisedSeq === before || failure < 0 || at < failure || looked >= LOOKS) continue;
    looked += 1;
    mkdirSync(image, { recursive: true });
    disk.image(image, 'none', () => 0);
    problems.push(...checkImage(image, reference, promisedSeq).map((t) => `power cut then: ${t}`));
    rmSync(image, { recursive: true, force: true });
  }
  reference.db.close();
  return problems.slice(0, 3);
}
