import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/debian.ts';
import { type OpenedDemo, openDemo } from './open-demo.ts';

const NARROW: [number, number] = [360, 800];
const WIDE: [number, number] = [1920, 1080];

/** Types a value into the form, looks at what is said back, and sends it. */
async function enter(page: Page, value: string): Promise<string> {
  const form = page.getByRole('form', { name: 'Enter a value' });
  await form.getByLabel('Value').fill(value);
  await page.keyboard.press('Enter');
  const echo = (await form.locator('.echo').textContent()) ?? '';
  await page.keyboard.press('Enter');
  return echo;
}

describe.skipIf(!needs('chromium'))('on the demo plant', () => {
  let demo: OpenedDemo;
  beforeAll(async () => {
    demo = await openDemo('P1', 60);
  });
  afterAll(() => demo?.close());

  test('a value is entered with the keyboard, becomes a point, and an event a mark', async () => {
    const { page, complaints } = await demo.open('#/entry', NARROW);
    const form = page.getByRole('form', { name: 'Enter a value' });
    await form.getByLabel('Your name').fill('Sana');
    expect(await enter(page, '4,975')).toMatch(/4\.975 mm.*inside the tolerance/);
    await form.getByText(/^Recorded: Keyway width 5 P9 4\.975 mm/).waitFor();
    // The number field waits for the next part.
    expect(await form.getByLabel('Value').inputValue()).toBe('');
    await page.getByRole('cell', { name: '4.975 mm' }).waitFor();

    const told = page.getByRole('form', { name: 'Say what happened' });
    await told.getByLabel('Where').selectOption('mill-1');
    await told.getByLabel('In words').fill('cutter 12');
    await told.getByRole('button', { name: 'Record' }).click();
    await told.getByText('Recorded: Tool change, cutter 12').waitFor();

    await page.goto(`${demo.url}/#/characteristic/keyway-width`);
    await page.locator('.readout', { hasText: 'Point 1' }).waitFor();
    await page.getByRole('button', { name: 'Tool change (1)' }).waitFor();
    await page.locator('.readout', { hasText: 'Tool change: cutter 12 (Sana)' }).waitFor();
    await page.locator('.readout', { hasText: /operator Sana.*gauge caliper-7/ }).waitFor();
    await page.locator('.readout', { hasText: 'UTC+05:00' }).waitFor();
    await page.getByRole('button', { name: 'Tool change (1)' }).click();
    await page.locator('.readout', { hasText: 'cutter 12' }).waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('a slip of the finger is seen before it is sent, and refused', async () => {
    const { page } = await demo.open('#/entry', WIDE);
    const form = page.getByRole('form', { name: 'Enter a value' });
    await form.getByLabel('Your name').fill('Sana');
    expect(await enter(page, '49,75')).toContain('It will be refused');
    await page.getByRole('alert').filter({ hasText: 'slip of the finger' }).waitFor();
    await page.context().close();
  });

  test('a part out of tolerance stops the station, in Urdu, and the operator answers', async () => {
    const { page } = await demo.open('#/entry', WIDE);
    const form = page.getByRole('form', { name: 'Enter a value' });
    await form.getByLabel('Your name').fill('Sana');
    expect(await enter(page, '4.999')).toContain('above the tolerance by 0.011 mm');
    await form.getByText(/^Recorded/).waitFor();

    await page.setViewportSize({ width: 360, height: 800 });
    await page.goto(`${demo.url}/#/station/mill-1`);
    await page.locator('.light', { hasText: 'Stop the machine' }).waitFor();
    await page.getByText('Check the caliper with the gauge block').waitFor();
    await page.getByRole('button', { name: 'اردو' }).click();
    await page.locator('.light', { hasText: 'مشین روکیں' }).waitFor();
    expect(await page.locator('.station').getAttribute('dir')).toBe('rtl');
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide).toBeLessThanOrEqual(360);
    await page.getByRole('button', { name: /^دیکھ لیا/ }).click();
    await page.getByRole('button', { name: 'ٹول گھس گیا' }).click();
    await page.getByRole('button', { name: 'ٹول تبدیل کیا' }).click();
    await page.getByRole('button', { name: 'بھیجیں' }).click();
    await page.getByText('درج ہو گیا۔ شکریہ۔').waitFor();

    const answered = await fetch(`${demo.url}/api/alerts?state=acknowledged&limit=5`);
    expect(await answered.json()).toContainEqual(
      expect.objectContaining({
        subject: 'keyway-width',
        acknowledgedBy: 'Sana',
        cause: 'Insert or tool worn',
        action: 'Tool changed',
      }),
    );
    await page.context().close();
  });

  test('points arrive by themselves from the machines', async () => {
    const { page } = await demo.open('#/characteristic/hf-power', WIDE);
    const readout = page.locator('.readout b');
    await readout.waitFor();
    const first = await readout.textContent();
    await page.waitForFunction(
      (before) => document.querySelector('.readout b')?.textContent !== before,
      first,
    );
    await page.context().close();
  });
});
