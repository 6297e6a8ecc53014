import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alertSettings, policyOf } from '../../agent/alerts/policy.ts';
import { type CoreClient, startCore } from '../../agent/core/client.ts';
import type { Committed, CoreOptions, DiskState, Recording } from '../../agent/core/protocol.ts';
import type { AlertEvent } from '../../agent/model.ts';
import { readStore } from '../chaos/oracle.ts';
import { eventually } from '../support/agent-rig.ts';
import { checkedRow, encode } from '../support/reducer.ts';
import { mayMount, mountSmallDisk, type SmallDisk } from '../support/small-disk.ts';

const T0 = 1_700_000_000_000;
const MB = 1 << 20;
const BALLAST = 3 * MB;

interface Rig {
  core: CoreClient;
  acked: number;
  alerts: AlertEvent[];
  disk: DiskState | undefined;
  recording: Recording | undefined;
  failed: string | undefined;
  /** hands over a batch of one reading each for `count` parts; returns its id */
  send(count: number, value?: number): number;
}

function optionsFor(file: string): CoreOptions {
  const row = checkedRow('od', {
    ...{ lsl: 5, usl: 15, unit: 'mm', noDataAfter: '1h' },
    subgroup: { kind: 'by-count', size: 5 },
    limits: { kind: 'fixed', center: 10, sigma: 1 },
  });
  return {
    file,
    settings: {
      characteristics: { od: row },
      alerts: policyOf(alertSettings.parse({})),
      sources: ['s'],
    },
    commitEveryMs: 20,
    commitReadings: 1000,
    snapshotEveryMs: 1000,
    newStoreId: 'small',
    readers: [],
    space: { ballastBytes: BALLAST, minFreeBytes: 5 * MB },
    retention: { journalKeepMs: 1e12, historyKeepMs: 1e12, maxBytes: 1e12 },
  };
}

async function start(file: string, firstPart = 1): Promise<Rig> {
  const rig = {
    acked: 0,
    alerts: [] as AlertEvent[],
    disk: undefined,
    recording: undefined,
    failed: undefined,
  };
  let id = 0;
  let part = firstPart - 1;
  const r = { ...rig } as unknown as Rig;
  const take = ({ batch, alerts, recorded }: Committed) => {
    if (!recorded) return;
    r.acked = Math.max(r.acked, batch);
    r.alerts.push(...alerts);
  };
  r.core = await startCore(optionsFor(file), {
    committed: take,
    disk: (disk) => {
      r.disk = disk;
    },
    recording: (recording) => {
      r.recording = recording;
    },
    failed: (message) => {
      r.failed = message;
    },
  });
  const number = r.core.ready.numbers.get('od') ?? -1;
  r.send = (count, value = 10) => {
    const bytes = encode(
      Array.from({ length: count }, () => {
        part += 1;
        const at = { receiveMs: T0 + part * 10, sourceMs: [T0 + part * 10] };
        return { stream: 's/x', ...at, tag: [number], value: [value], sequence: [part] };
      }),
    );
    id += 1;
    r.core.batch(bytes.slice().buffer as ArrayBuffer, id);
    return id;
  };
  return r;
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.skipIf(!mayMount())('a disk that is full', () => {
  let disk: SmallDisk;
  let file: string;
  beforeEach(() => {
    disk = mountSmallDisk(24);
    file = join(disk.path, 'meyar.db');
  });
  afterEach(() => disk.close());

  const whole = () => existsSync(`${file}.ballast`) && statSync(`${file}.ballast`).size >= BALLAST;
  const storeOf = () => readStore(file);

  /** Until nothing is acknowledged any more. What is held meanwhile has to fit into the ballast. */
  async function fillUp(r: Rig): Promise<number> {
    disk.fill();
    for (let n = 0; n < 1000 && r.disk?.full !== true; n += 1) {
      r.send(50);
      await wait(10);
    }
    expect(r.disk?.full).toBe(true);
    return r.acked;
  }

  it('holds what it cannot record, still raises alarms, and goes on by itself', async () => {
    const r = await start(file);
    await eventually(whole, 'the ballast is whole');
    const before = r.send(10);
    await eventually(() => r.acked === before, 'things work');
    await fillUp(r);
    expect(existsSync(`${file}.ballast`)).toBe(false);
    await wait(100);
    const held = r.acked;
    const last = r.send(10);
    await wait(300);
    // Not recorded, so not acknowledged, though there is room for it in the reserve.
    expect(r.acked).toBe(held);
    expect(r.recording?.reason).toMatch(/full/);
    const told = () => r.alerts.some((e) => e.alert.subject === 'store');
    await eventually(told, 'people are told');

    const out = r.send(1, 99);
    const heard = () => r.alerts.some((e) => e.alert.kind === 'out-of-tolerance');
    await eventually(heard, 'the alarm of a part out of tolerance');
    expect(r.acked).toBeGreaterThanOrEqual(out);
    expect(out).toBeGreaterThan(last);
    const answer = await r.core.command({
      ...{ kind: 'acknowledge', by: 'Sana', cause: 'chip', action: 'cleaned', comment: '' },
      ...{ alert: r.alerts.find((e) => e.alert.kind === 'out-of-tolerance')?.alert.id ?? 0 },
      timeMs: T0,
    });
    expect(answer.alert?.state).toBe('acknowledged');

    // Parts in tolerance end that alarm, which is told too.
    r.send(20);
    await wait(300);
    const waiting = r.send(10);
    await wait(300);
    expect(r.acked).toBeLessThan(waiting);
    disk.empty();
    await eventually(() => r.disk?.full === false && r.acked === waiting, 'it goes on');
    await eventually(whole, 'the ballast is back');
    await r.core.stop();
    expect(r.failed).toBe(undefined);
    expectEveryPartOnce();
  });

  it('goes on when even the reserve was used up', async () => {
    const r = await start(file);
    await eventually(whole, 'the ballast is whole');
    await fillUp(r);
    // Alarms until nothing at all can be written.
    for (let n = 0; n < 200 && !(r.recording?.reason ?? '').includes('committing'); n += 1) {
      disk.fill();
      r.send(500, 99);
      r.send(500, 10);
      await wait(20);
    }
    expect(r.recording?.reason).toMatch(/the disk is full/);
    const refused = await r.core.command({
      kind: 'event',
      event: { source: 'person', kind: 'note', severity: 'info', text: 'hello', timeMs: T0 },
    });
    expect(refused.error).toMatch(/nothing can be recorded.*full/);
    const last = r.send(10);
    await wait(1500);
    expect(r.acked).toBeLessThan(last);
    disk.empty();
    await eventually(() => r.acked === last, 'it goes on');
    await r.core.stop();
    expect(r.failed).toBe(undefined);
    expectEveryPartOnce();
  });

  it('starts on a full disk by the room of the ballast', async () => {
    const first = await start(file);
    await eventually(whole, 'the ballast is whole');
    first.send(10);
    await first.core.stop();
    disk.fill();
    const r = await start(file, 11);
    await eventually(() => r.disk?.full === true, 'the reserve is in use');
    const out = r.send(1, 99);
    await eventually(() => r.acked === out, 'an alarm is recorded');
    disk.empty();
    await eventually(() => r.disk?.full === false, 'things go on as usual');
    await r.core.stop();
    expect(r.failed).toBe(undefined);
  });

  function expectEveryPartOnce(): void {
    const { counted } = storeOf();
    expect([...counted.values()].every((times) => times === 1)).toBe(true);
    const numbers = [...counted.keys()].map((key) => Number(key.split('#')[1]));
    expect(counted.size).toBe(Math.max(...numbers));
  }
});
