import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/debian.ts';
import { type Opened, openConsole } from './open-console.ts';

const NARROW: [number, number] = [360, 800];
const WIDE: [number, number] = [1920, 1080];

describe.skipIf(!needs('chromium'))('the pages of the shop floor', () => {
  let console_: Opened;
  beforeAll(async () => {
    console_ = await openConsole();
  });
  afterAll(() => console_?.close());

  test.each([
    ['#/capability', 'tbody tr'],
    ['#/entry', 'form'],
    ['#/station', '.stations a'],
    ['#/station/cnc-1', '.light'],
  ])('%s fits a phone and a hall screen', async (hash, content) => {
    const { page, complaints } = await console_.open(hash, NARROW);
    for (const [width, height] of [NARROW, WIDE]) {
      await page.setViewportSize({ width, height });
      await page.locator(content).first().waitFor();
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide).toBeLessThanOrEqual(width);
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('special characteristics stand worst first, each with bound, target, n and method', async () => {
    const { page } = await console_.open('#/capability', WIDE);
    const rows = page.locator('tbody tr');
    await rows.first().waitFor();
    const verdicts = await page.locator('tbody .status').allInnerTexts();
    const order = ['Not met', 'Not proven', 'Not defined', 'Met'];
    const ranks = verdicts.map((word) => order.indexOf(word.trim()));
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
    expect(await rows.first().textContent()).toMatch(/≥ \d\.\d\d.*1\.67.*600.*rbar\/d2; Bissell/);
    const special = await rows.count();
    await page.getByRole('button', { name: /^All characteristics/ }).click();
    expect(await rows.count()).toBeGreaterThan(special);
    // On paper there is the table and where it comes from, nothing to press.
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('.top').isVisible()).toBe(false);
    expect(await page.getByRole('button', { name: 'Print' }).isVisible()).toBe(false);
    expect(await page.locator('.only-print').innerText()).toMatch(/^Ravi.*UTC.*Meyar/);
    await page.context().close();
  });

  test('the forecast is said beside the chart, and its end is on the axis', async () => {
    const { page } = await console_.open('#/characteristic/length', WIDE);
    await page.getByText('about 56 points (280 readings)').waitFor();
    await page.goto(`${console_.url}/#/characteristic/od-turned`);
    await page.locator('h1', { hasText: 'OD turned' }).waitFor();
    expect(await page.locator('.outlook').count()).toBe(0);
    await page.context().close();
  });

  test('a full disk, a damaged store and an old backup stand above every page', async () => {
    const sound = console_.view.stored;
    const now = console_.view.plant().nowMs;
    console_.view.stored = {
      ...sound,
      disk: { freeBytes: 3e6, low: true, full: true },
      backup: { timeMs: now - 4 * 86_400_000 },
      check: { timeMs: now, ok: false, found: ['page 12'] },
      clock: { steps: 2, ms: -7_200_000 },
    };
    const { page } = await console_.open('#/alerts', NARROW);
    await page.locator('.banner', { hasText: 'only alarms and answers' }).waitFor();
    await page.locator('.banner', { hasText: 'The store is damaged' }).waitFor();
    await page.locator('.banner', { hasText: '4 d old' }).waitFor();
    await page.goto(`${console_.url}/#/sources`);
    await page.getByText('damaged: page 12').waitFor();
    await page.getByText('2, together −2 h').waitFor();
    console_.view.stored = sound;
    console_.view.tell({ sources: true });
    await page.locator('.banner').first().waitFor({ state: 'detached' });
    await page.context().close();
  });

  test('the station speaks the language that was chosen, and is left by its link', async () => {
    const { page } = await console_.open('#/station/grind', NARROW);
    await page.locator('.light', { hasText: 'All well' }).waitFor();
    expect(await page.locator('.top').count()).toBe(0);
    await page.getByRole('button', { name: 'اردو' }).click();
    await page.locator('.light', { hasText: 'سب ٹھیک ہے' }).waitFor();
    const numbers = page.locator('.about .last');
    expect(await numbers.getAttribute('dir')).toBe('ltr');
    await page.reload();
    await page.locator('.light', { hasText: 'سب ٹھیک ہے' }).waitFor();
    await page.getByRole('link', { name: 'تمام صفحات' }).click();
    await page.locator('.tile').first().waitFor();
    await page.context().close();
  });
});
