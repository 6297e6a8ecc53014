import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Agent, startAgent } from '../../agent/agent.ts';
import { systemClock } from '../../agent/runtime/clock.ts';
import { silentLog } from '../../agent/runtime/log.ts';
import { readSettings } from '../../agent/settings/load.ts';
import { type Plc, startPlc } from '../support/agent-rig.ts';
import { needs } from '../support/debian.ts';
import { plantWithGauges } from '../support/gauges.ts';
import { builtPage } from './built-page.ts';
import { type BrowserOf, browserOf } from './open-console.ts';

const PAGE = '#/characteristic/bore';
const PATIENCE = { timeout: 60_000, interval: 50 };

describe.skipIf(!needs('chromium'))('two gauges on the page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'meyar-gauges-'));
  let plc: Plc;
  let agent: Agent;
  let browser: BrowserOf;

  const get = async <T>(path: string) => (await (await fetch(agent.url + path)).json()) as T;
  const measure = async (gauge: number, n: number) => {
    plc.gauge(gauge);
    for (let i = 0; i < n; i += 1) {
      const part = plc.make(10 + 0.1 * (i % 3));
      await vi.waitFor(() => expect(agent.figures().readings).toBe(part), PATIENCE);
    }
  };

  beforeAll(async () => {
    plc = await startPlc();
    const { settings } = readSettings(plantWithGauges(plc.url), 'plant.yaml', {});
    if (settings === null) throw new Error('the settings are not sound');
    const assetsDir = await builtPage();
    const dataDir = join(folder, 'data');
    mkdirSync(dataDir);
    agent = await startAgent({
      ...{ settings, dataDir, assetsDir, version: 'test' },
      ...{ clock: systemClock, random: Math.random, log: silentLog },
    });
    browser = await browserOf(agent.url);
    await measure(4711, 6);
    await measure(4712, 4);
  });
  afterAll(async () => {
    await browser?.close();
    await agent?.stop();
    await plc?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const fits = async (page: Page) => {
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide).toBeLessThanOrEqual(360);
  };

  test('who may not sign sees what is kept apart, and no button', async () => {
    const { page } = await browser.open('#/', [1280, 900]);
    await page.route('**/api/me', async (route) => {
      const answer = await route.fetch();
      const me = (await answer.json()) as { may: string[] };
      const may = me.may.filter((address) => !address.endsWith('/gauges/pool'));
      expect(may).toHaveLength(me.may.length - 1);
      await route.fulfill({ response: answer, json: { ...me, may } });
    });
    await page.goto(`${agent.url}/${PAGE}`);
    await page.reload();
    await page.getByText("Only readings of gauge '4712'").waitFor();
    expect(await page.getByRole('button', { name: 'Count the gauges as one' }).count()).toBe(0);
    await page.context().close();
  });

  test('are counted as one when somebody signs what shows it, on a phone', async () => {
    const { page, complaints } = await browser.open(PAGE, [360, 800]);
    await page.getByText("Only readings of gauge '4712'").waitFor();
    await page.getByRole('button', { name: 'Count the gauges as one' }).click();
    const form = page.locator('form.shelve');
    await form.getByLabel('Your name').fill('Q. Manager (made up)');
    await fits(page);
    // Nothing is signed without a reason.
    await form.getByRole('button', { name: 'Go on' }).click();
    expect(await form.getByText('This is what your signature does').count()).toBe(0);
    await form.getByLabel('What shows that').fill('GRR of 1 March shows no difference');
    await form.getByRole('button', { name: 'Go on' }).click();
    await form.getByText('6 readings with ‘4711’').waitFor();
    await form.getByText('4 readings since then').waitFor();
    await form.getByText('Q. Manager (made up), “GRR of 1 March').waitFor();
    await fits(page);
    await page.screenshot({ path: join(folder, 'pool-360.png'), fullPage: true });
    // Nothing has happened yet, and the reason can still be changed.
    const capability = async () =>
      (await get<{ capability: { n: number } }>('/api/characteristics/bore')).capability;
    expect((await capability()).n).toBe(4);
    await form.getByRole('button', { name: 'Change' }).click();
    await form.getByLabel('What shows that').fill('GRR of 2 March shows no difference');
    await form.getByRole('button', { name: 'Go on' }).click();
    await form.getByRole('button', { name: 'Sign' }).click();
    await page.getByText('signed by Q. Manager (made up)').waitFor();
    expect(await page.getByRole('button', { name: 'Count the gauges as one' }).count()).toBe(0);
    expect((await capability()).n).toBe(10);
    const audit = await get<{ what: string; why: string }[]>('/api/audit');
    const row = audit.find(({ what }) => what === 'gauges-pool');
    expect(row?.why).toBe('GRR of 2 March shows no difference');
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
