import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { connectCore } from '../../agent/core/client.ts';
import type { SourceEvent } from '../../agent/model.ts';
import { watchClock } from '../../agent/runtime/clock.ts';
import { silentLog } from '../../agent/runtime/log.ts';
import { createNotifier } from '../../agent/runtime/notify.ts';
import { createVitals } from '../../agent/vitals.ts';

function rig() {
  const at = { wall: 1_750_000_000_000, mono: 0 };
  const said: SourceEvent[] = [];
  const hung: string[] = [];
  let fed = 0;
  const vitals = createVitals({
    clock: { now: () => at.wall, monotonic: () => at.mono },
    log: silentLog,
    notify: {
      ready() {},
      alive() {
        fed += 1;
      },
      stopping() {},
    },
    report: (event) => void said.push(event),
    hangs: (why) => void hung.push(why),
  });
  const second = (heard: boolean) => {
    at.wall += 1000;
    at.mono += 1000;
    if (heard) vitals.heard();
    vitals.tick();
  };
  return { at, said, hung, vitals, second, fed: () => fed };
}

describe('the wall clock', () => {
  it('is seen to step, and slow drift never adds up to a step', () => {
    const at = { wall: 0, mono: 0 };
    const watch = watchClock({ now: () => at.wall, monotonic: () => at.mono });
    for (let i = 0; i < 100; i += 1) {
      at.wall += 1100;
      at.mono += 1000;
      expect(watch.look()).toBe(0);
    }
    at.wall -= 3_600_000;
    expect(watch.look()).toBe(-3_600_000);
    expect(watch.look()).toBe(0);
    expect(watch.total()).toEqual({ steps: 1, ms: 3_600_000 });
  });
});

describe('progress of the core', () => {
  it('feeds the watchdog while the core speaks, and ends the process when it hangs', () => {
    const r = rig();
    for (let i = 0; i < 60; i += 1) r.second(true);
    expect(r.fed()).toBe(60);
    expect(r.hung).toEqual([]);
    for (let i = 0; i < 25; i += 1) r.second(false);
    expect(r.fed()).toBeLessThan(75);
    expect(r.hung).toHaveLength(1);
    expect(r.vitals.check().ok).toBe(false);
    r.vitals.stop();
  });

  it('blames nobody for a sleep of the whole machine', () => {
    const r = rig();
    r.second(true);
    r.at.wall += 3_600_000;
    r.at.mono += 3_600_000;
    r.second(false);
    expect(r.hung).toEqual([]);
    expect(r.said).toEqual([]);
    r.vitals.stop();
  });

  it('warns of a disk that has become slow, once a day', () => {
    const r = rig();
    r.vitals.store({ p50CommitMs: 20, p99CommitMs: 400, commits: 500 });
    for (let i = 0; i < 10; i += 1) r.second(true);
    expect(r.said.map((e) => e.source)).toEqual(['store']);
    expect(r.vitals.metrics().find((m) => m.name === 'meyar_sync_slow')?.samples[0]?.value).toBe(1);
    r.vitals.stop();
  });

  it('gives up a thread that spins, so that the process can end', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'meyar-spin-'));
    const ready = "{ type: 'ready', ready: { numbers: new Map(), summaries: [], head: 0 } }";
    const code = `const { parentPort } = require('node:worker_threads');
      parentPort.postMessage(${ready}); for (;;);`;
    const worker = new Worker(code, { eval: true });
    const exited = new Promise((resolve) => worker.once('exit', resolve));
    const failed: string[] = [];
    const core = await connectCore(worker, { file: folder } as never, {
      committed() {},
      recording() {},
      failed: (why) => void failed.push(why),
    });
    core.abandon();
    expect(await exited).toBe(1);
    expect(failed).toEqual(['the core was given up']);
    await core.stop();
    rmSync(folder, { recursive: true });
  });
});

it('a main thread that spins is ended by the core', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'meyar-hang-'));
  const script = fileURLToPath(new URL('../support/hanging-shell.ts', import.meta.url));
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said += text.toString();
  });
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  expect(said).toContain('the main thread made no progress for 3 s');
  rmSync(folder, { recursive: true });
});

describe('the service manager', () => {
  it('hears of the start, and is fed three times in its time', () => {
    const told: string[] = [];
    const at = { ms: 0 };
    const env = { NOTIFY_SOCKET: '/run/x', WATCHDOG_USEC: '30000000' };
    const run = (program: string, args: readonly string[]) =>
      void told.push([program, ...args].join(' '));
    const notify = createNotifier({ env, monotonic: () => at.ms, run });
    notify.ready('watching 3');
    for (; at.ms < 30_000; at.ms += 1000) notify.alive();
    expect(told[0]).toBe('systemd-notify READY=1 STATUS=watching 3');
    expect(told.slice(1)).toEqual(Array(3).fill('systemd-notify WATCHDOG=1'));
  });

  it('is left alone when there is none', () => {
    const told: string[] = [];
    const run = () => void told.push('');
    const notify = createNotifier({ env: {}, monotonic: () => 0, run });
    notify.ready('');
    notify.alive();
    notify.stopping();
    expect(told).toEqual([]);
  });
});
