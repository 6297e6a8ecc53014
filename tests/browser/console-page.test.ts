import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/debian.ts';
import { type Opened, openConsole } from './open-console.ts';

const SIZES: [number, number][] = [
  [360, 800],
  [1920, 1080],
];
const PAGES = [
  ['overview', '#/', 'Overview', '.tile .spark polyline'],
  ['characteristic', '#/characteristic/od-turned', 'OD turned 22 h8', '.plots canvas'],
  ['alert list', '#/alerts', 'Alerts', '.alerts a'],
  ['alert', '#/alerts/42', 'Alerts', 'form.answer ~ .alert-chart canvas'],
  ['sources', '#/sources', 'Sources and sinks', '.card'],
] as const;

describe.skipIf(!needs('chromium'))('the web page in a browser', () => {
  let console_: Opened;
  beforeAll(async () => {
    console_ = await openConsole();
  });
  afterAll(() => console_?.close());

  test.each(PAGES)('%s, on a phone and on a wall screen', async (name, hash, heading, content) => {
    const { page, complaints } = await console_.open(hash, [360, 800]);
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await page.locator('main h1').textContent()).toContain(heading);
    for (const [width, height] of SIZES) {
      await page.setViewportSize({ width, height });
      await page.locator(content).first().waitFor();
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide).toBeLessThanOrEqual(width);
      const shot = join(console_.shots, `${name}-${width}.png`);
      await page.screenshot({ path: shot, fullPage: true });
      expect(existsSync(shot)).toBe(true);
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('tiles stand worst first, and a stale one is not green', async () => {
    const { page } = await console_.open('#/', [1920, 1080]);
    await page.locator('.tile').first().waitFor();
    const words = await page.locator('.tile .status').allInnerTexts();
    expect(words.slice(0, 4).map((word) => word.trim())).toEqual([
      'Alarm',
      'Warning',
      'No data',
      'Learning',
    ]);
    expect(words.slice(4).every((word) => word.trim() === 'OK')).toBe(true);
    expect(await page.locator('.tile .age').count()).toBe(words.length);
    const color = (css: string) =>
      page
        .locator(css)
        .first()
        .evaluate((element) => getComputedStyle(element).borderTopColor);
    expect(await color('.tile.is-stale')).not.toBe(await color('.tile.is-ok'));
    await page.locator('.counts a', { hasText: 'No data' }).click();
    await page.getByText('Only No data.').waitFor();
    expect(await page.locator('.tile').count()).toBe(1);
    await page.context().close();
  });

  test('the keyboard moves the cursor of the chart and says point, value and rule', async () => {
    const { page, complaints } = await console_.open('#/characteristic/od-turned', [1280, 900]);
    const chart = page.getByRole('application');
    await chart.locator('canvas').first().waitFor();
    await chart.focus();
    await page.keyboard.press('End');
    const last = await said(page);
    expect(last).toMatch(/^Point 120, 21\.\d{5} mm, R 0\.\d{5} mm, .*beyond the control limits/);
    await page.keyboard.press('ArrowLeft');
    expect(await said(page)).toMatch(/^Point 119,/);
    expect(await page.locator('.readout').textContent()).toContain('Point 119');
    await page.keyboard.press('Home');
    expect(await said(page)).toMatch(/^Point 1,.*no rule broken.*provisional/);
    await page.keyboard.press('PageDown');
    expect(await said(page)).not.toContain('no rule broken');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('hovering shows the point under the mouse', async () => {
    const { page } = await console_.open('#/characteristic/length', [1280, 900]);
    const plot = page.locator('.u-over').first();
    await plot.hover({ position: { x: 5, y: 40 } });
    await page.locator('.readout', { hasText: /Point [12]\b/ }).waitFor();
    await page.context().close();
  });

  test('new points arrive by themselves, and the keyboard stays on its point', async () => {
    const { page } = await console_.open('#/characteristic/hardness', [1280, 900]);
    await page.locator('.readout', { hasText: 'Point 120' }).waitFor();
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/points')) asked.push(request.url());
    });
    console_.view.step('hardness');
    await page.locator('.readout', { hasText: 'Point 121' }).waitFor();
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain('after=120');
    await page.getByRole('application').focus();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    console_.view.step('hardness');
    await page.getByRole('application', { name: /122 points/ }).waitFor();
    expect(await page.locator('.readout').textContent()).toContain('Point 120');
    await page.context().close();
  });

  test('chart tabs, time axis and the table behind the chart', async () => {
    const { page, complaints } = await console_.open('#/characteristic/od-turned', [1280, 900]);
    await page.getByRole('tab', { name: 'X̄-R' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByText('EWMA (mm)').waitFor();
    await page.getByLabel('Axis').selectOption('time');
    await page.locator('.plots[data-axis=time] canvas').waitFor();
    await page.getByRole('button', { name: 'Show as table' }).click();
    const rows = page.locator('.points-table tbody tr');
    expect(await rows.count()).toBe(25);
    expect(await rows.first().textContent()).toMatch(/^120.*beyond the control limits/);
    await page.getByRole('button', { name: 'Older' }).click();
    expect(await rows.first().textContent()).toMatch(/^95/);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('an alert is acknowledged with name and cause, and the name is remembered', async () => {
    const { page } = await console_.open('#/alerts/41', [360, 800]);
    const submit = page.getByRole('button', { name: 'Acknowledge', exact: true });
    await submit.click();
    expect(await page.getByRole('alert').textContent()).toContain('needed');
    expect(console_.view.answers).toEqual([]);
    await page.getByLabel('Your name').fill('Sana');
    await page.getByLabel('Cause').fill('Material lot');
    await page.getByLabel('What was done').fill('Lot set aside');
    await submit.click();
    await page.getByText('Answered by Sana').waitFor();
    expect(console_.view.answers.map(({ id, answer }) => [id, answer.cause])).toEqual([
      [41, 'Material lot'],
    ]);
    await page.locator('#announcer', { hasText: 'Acknowledged' }).waitFor({ state: 'attached' });
    await page.goto(`${console_.url}/#/alerts/42`);
    await page.getByLabel('Your name').waitFor();
    expect(await page.getByLabel('Your name').inputValue()).toBe('Sana');
    await page.context().close();
  });

  test('limits are approved with a name', async () => {
    const { page } = await console_.open('#/characteristic/thread', [1280, 900]);
    await page.getByRole('button', { name: 'Approve…' }).click();
    await page.getByLabel('Your name').fill('Bilal');
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await page.getByText(/^Bilal, /).waitFor();
    await page.context().close();
  });

  test('a new alert is announced and counted on every page', async () => {
    const { page } = await console_.open('#/sources', [1280, 900]);
    await page.getByText('Live', { exact: true }).waitFor();
    const before = Number(await page.locator('nav .number').textContent());
    const [model] = await console_.view.alerts({ state: 'open', limit: 1 });
    if (model === undefined) throw new Error('no alert');
    console_.view.tell({ alerts: [{ ...model, id: 99, title: 'Total runout is drifting' }] });
    const words = 'New Alarm: Total runout is drifting';
    await page.locator('#announcer', { hasText: words }).waitFor({ state: 'attached' });
    expect(Number(await page.locator('nav .number').textContent())).toBe(before + 1);
    await page.context().close();
  });

  test('text of the plant never becomes markup', async () => {
    const { page, complaints } = await console_.open('#/', [1280, 900]);
    const [first] = console_.view.characteristics();
    if (first === undefined) throw new Error('no characteristic');
    const name = '<img src=x onerror=alert(1)>';
    console_.view.tell({ characteristics: [{ ...first, name }] });
    await page.getByRole('link', { name }).waitFor();
    expect(await page.locator('.tile img').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('the first tab stop skips to the content', async () => {
    const { page } = await console_.open('#/', [1280, 900]);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
    await page.context().close();
  });
});

async function said(page: Page): Promise<string> {
  return (await page.locator('#chart-said').textContent()) ?? '';
}
