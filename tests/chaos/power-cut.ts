import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../../agent/plants/random.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { createDisk, MODES, type Mode } from './disk.ts';
import { bootImage, checkImage } from './image-check.ts';
import { runRecorded } from './recorded-run.ts';
import { type Promised, promised, type Record, readRecording } from './recording.ts';
import { type Reference, readReference } from './reference.ts';
import { type Scenario, type ScenarioOptions, writeSettings } from './scenario.ts';
import { buildShim, shimEnv } from './shim.ts';

const SHORT = { images: 5000, withinMs: 60_000, boots: 4, loadMs: 5000 };
const LONG = { images: 10_000, withinMs: Number.POSITIVE_INFINITY, boots: 30, loadMs: 10_000 };
const PROGRESS = 1000;

/**
 * Every write and sync of a whole agent is recorded together with every acknowledgement that left
 * it; then the power fails at thousands of places in that recording, and each disk that may be left
 * is opened. Nothing acknowledged may be missing and nothing may be damaged.
 */
export const powerCut: Scenario = {
  name: 'power-cut',
  async run(o) {
    const size = o.short ? SHORT : LONG;
    const folder = o.recording ?? mkdtempSync(join(tmpdir(), 'meyar-power-'));
    const images = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'meyar-cut-'));
    let problems: string[] = [];
    try {
      if (o.recording === undefined) problems = await record(o, folder, size.loadMs);
      if (problems.length === 0) problems = await cutAll(o, folder, images, size);
    } finally {
      rmSync(images, { recursive: true, force: true });
      if (problems.length === 0 && o.recording === undefined) {
        rmSync(folder, { recursive: true, force: true });
      }
    }
    if (problems.length > 0) {
      o.say(`again: npm run chaos -- --only power-cut --seed ${o.seed} --recording ${folder}`);
      o.say('       with --cut N for one image alone');
    }
    return problems;
  },
};

async function record(o: ScenarioOptions, folder: string, ms: number): Promise<string[]> {
  const broker = await startMosquitto({ maxQueued: 0, maxInflight: 1000 });
  try {
    const dataDir = join(folder, 'data');
    mkdirSync(dataDir);
    const settings = writeSettings(folder, broker.url, 'plant', { gauge: true });
    const log = join(folder, 'log');
    const env = shimEnv({ library: buildShim(folder), dataDir, log });
    const run = await runRecorded({ settings, dataDir, url: broker.url, env, seed: o.seed, ms });
    o.say(`${run.sent} parts sent, ${run.entered.length} values typed in`);
    writeFileSync(join(folder, 'entered.json'), JSON.stringify(run.entered));
    return run.problems;
  } finally {
    await broker.close();
  }
}

interface Cut {
  image: number;
  at: number;
  mode: Mode;
}

async function cutAll(
  o: ScenarioOptions,
  folder: string,
  images: string,
  size: typeof SHORT,
): Promise<string[]> {
  const dataDir = join(folder, 'data');
  const records = readRecording(join(folder, 'log'));
  const reference = readReference(join(dataDir, 'meyar.db'));
  const acks = promised(records);
  const problems = judgeWhole(reference, acks);
  const count = (types: string) => records.filter((r) => types.includes(r.type)).length;
  o.say(
    `${records.length} records: ${count('W')} writes, ${count('S')} syncs, ` +
      `${acks.length} acknowledgements, ${reference.head} transactions`,
  );
  if (acks.length < 500) problems.push('too few acknowledgements were seen: nothing would show');
  const quiet = writeSettings(folder, 'mqtt://127.0.0.1:1', 'quiet', { gauge: true });
  const tally = { tried: 0, booted: 0, begun: performance.now() };
  const inTime = () => performance.now() - tally.begun < size.withinMs;
  const wanted = cuts(o.seed, size.images, records.length, acks);
  // Rounds that each go through the whole recording: whatever fits the time is spread evenly.
  const rounds = o.short ? 40 : 1;
  for (let r = 0; r < rounds && inTime(); r += 1) {
    const mine = wanted.filter((c) => c.image % rounds === r);
    const chosen = o.cut === undefined ? mine : mine.filter((c) => c.image === o.cut);
    const disk = createDisk(dataDir, { failedSyncsLose: true });
    let at = 0;
    for (const cut of chosen.sort((a, b) => a.at - b.at)) {
      while (at < cut.at) disk.take(records[at++] as Record);
      const place = join(images, 'image');
      rmSync(place, { recursive: true, force: true });
      mkdirSync(place);
      const random = createRandom(o.seed * 31 + cut.image);
      disk.image(place, cut.mode, () => random.uniform());
      const boots = o.cut === undefined ? bootsDue(size, tally) : 1;
      if (boots > tally.booted) cpSync(place, `${place}-boot`, { recursive: true });
      const wrong = checkImage(place, reference, promisedBefore(reference, acks, cut.at));
      if (boots > tally.booted) {
        tally.booted += 1;
        wrong.push(...(await bootImage(`${place}-boot`, quiet, reference)));
        rmSync(`${place}-boot`, { recursive: true, force: true });
      }
      for (const text of wrong) problems.push(`image ${cut.image} (${sayCut(cut)}): ${text}`);
      tally.tried += 1;
      if (tally.tried % PROGRESS === 0) o.say(`${tally.tried} images, ${problems.length} wrong`);
      if (problems.length > 10) return problems;
    }
  }
  o.say(`${tally.tried} images opened and recomputed, ${tally.booted} of them by a whole agent`);
  return problems;
}

/** So many by now, by the images tried or by the time that there is. */
function bootsDue(size: typeof SHORT, tally: { tried: number; begun: number }): number {
  const share = (performance.now() - tally.begun) / size.withinMs;
  return Math.floor(size.boots * Math.max((tally.tried + 1) / size.images, share));
}

const sayCut = ({ at, mode }: Cut) => `before record ${at}, un-synced: ${mode}`;

/** The run itself: everything that was acknowledged is stored, and once. */
function judgeWhole(reference: Reference, acks: readonly Promised[]): string[] {
  const missing = acks.filter(({ key }) => !reference.seqOf.has(key));
  return [
    ...missing.slice(0, 5).map(({ key }) => `${key} was acknowledged and is not stored`),
    ...reference.twice.slice(0, 5).map((key) => `${key} was counted twice`),
  ];
}

/** Half of the cuts come right behind an acknowledgement: there a late sync would show. */
function cuts(seed: number, count: number, records: number, acks: readonly Promised[]): Cut[] {
  const random = createRandom(seed ^ 0xc07);
  return Array.from({ length: count }, (_, image) => {
    const ack = acks[Math.floor(random.uniform() * acks.length)];
    const behind = image % 2 === 0 && ack !== undefined;
    const at = behind ? ack.at + 1 : Math.floor(random.uniform() * (records + 1));
    return { image, at, mode: MODES[Math.floor(random.uniform() * MODES.length)] ?? 'all' };
  });
}

/** The newest transaction that something acknowledged before the cut is in. */
function promisedBefore(reference: Reference, acks: readonly Promised[], cut: number): number {
  let newest = 0;
  for (const { key, at } of acks) {
    if (at >= cut) break;
    newest = Math.max(newest, reference.seqOf.get(key) ?? 0);
  }
  return newest;
}
