import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Role } from '../../agent/model.ts';
import { PASSWORD, PEOPLE, people } from '../console/people.ts';
import { needs } from '../support/debian.ts';
import { fakeAccounts } from '../support/fake-accounts.ts';
import { codeOf } from '../support/second-factor.ts';
import { type Opened, openConsole } from './open-console.ts';

const NARROW: [number, number] = [360, 800];
const WIDE: [number, number] = [1920, 1080];

async function typeLogin(page: Page, role: Role): Promise<void> {
  await page.getByLabel('Name').fill(PEOPLE[role]);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
}
const inside = (page: Page, role: Role) =>
  page.locator('.who a', { hasText: PEOPLE[role] }).waitFor();

const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

const ready = needs('chromium') && needs('zbarimg');
describe.skipIf(!ready)('a second factor', () => {
  let console_: Opened;
  const time = { aheadMs: 0 };
  const now = () => Date.now() + time.aheadMs;
  beforeAll(async () => {
    const clock = { now, monotonic: () => performance.now() };
    const accounts = fakeAccounts(await people());
    const security = { secondFactor: 'required' };
    console_ = await openConsole({ accounts, clock, security });
  });
  afterAll(() => console_?.close());

  test('is set up with the camera of a phone, asked for, and reset', async () => {
    const { page } = await console_.open('#/', NARROW);
    await typeLogin(page, 'quality');
    await inside(page, 'quality');
    const banner = page.locator('.banner', { hasText: 'Your role needs a second factor' });
    expect(await page.locator('nav').textContent()).not.toContain('Records');
    await banner.getByRole('link', { name: 'Set up' }).click();
    const form = page.getByRole('form', { name: 'Set up' });
    await form.getByLabel('Password').fill(PASSWORD);
    await form.getByRole('button', { name: 'Set up' }).click();
    const picture = join(console_.shots, 'qr.png');
    await page.locator('svg.qr').screenshot({ path: picture, scale: 'device' });
    const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];
    const read = execFileSync('zbarimg', ['-q', '--raw', picture], { stdio }).toString('utf8');
    const secret = new URL(read.trim()).searchParams.get('secret') ?? '';
    expect(read).toMatch(/^otpauth:\/\/totp\/Meyar%20Ravi/);
    expect((await form.locator('code').textContent())?.replaceAll(' ', '')).toBe(secret);
    expect(await overflow(page)).toBe(0);
    await page.screenshot({ path: join(console_.shots, 'factor-360.png'), fullPage: true });
    await form.getByRole('textbox', { name: 'Code' }).fill('000000');
    await form.getByRole('button', { name: 'Turn on' }).click();
    await form.getByRole('alert').filter({ hasText: 'wrong or was used' }).waitFor();
    await form.getByRole('textbox', { name: 'Code' }).fill(codeOf(secret, now()));
    await form.getByRole('button', { name: 'Turn on' }).click();
    await page.locator('.codes code').first().waitFor();
    const codes = await page.locator('.codes code').allTextContents();
    expect(codes).toHaveLength(10);
    expect(await overflow(page)).toBe(0);
    await page.screenshot({ path: join(console_.shots, 'codes-360.png'), fullPage: true });
    expect(await banner.count()).toBe(0);
    await page.goto(`${console_.url}/#/audit`);
    await page.getByRole('cell', { name: 'second-factor-on' }).waitFor();
    await page.context().close();

    // Another screen: the password alone does not do.
    time.aheadMs += 60_000;
    const other = await console_.open('#/', WIDE);
    await typeLogin(other.page, 'quality');
    const code = other.page.getByLabel('Code');
    await code.waitFor();
    expect(await code.evaluate((field) => field === document.activeElement)).toBe(true);
    await other.page.screenshot({ path: join(console_.shots, 'code-1920.png') });
    await code.fill(codeOf(secret, now()));
    await other.page.getByRole('button', { name: 'Log in' }).click();
    await inside(other.page, 'quality');
    await other.page.context().close();

    // A lost phone: by a recovery code, then by an administrator, who needs a factor too.
    const lost = await console_.open('#/', WIDE);
    await typeLogin(lost.page, 'quality');
    await lost.page.getByLabel('Code').fill(codes[0] ?? '');
    await lost.page.getByRole('button', { name: 'Log in' }).click();
    await inside(lost.page, 'quality');
    await lost.page.goto(`${console_.url}/#/account`);
    await lost.page.getByText('Recovery codes left: 9.').waitFor();
    await lost.page.context().close();
  });

  test('is reset by an administrator on the page of the users', async () => {
    const { page } = await console_.open('#/account', WIDE);
    await typeLogin(page, 'admin');
    const form = page.getByRole('form', { name: 'Set up' });
    await form.getByLabel('Password').fill(PASSWORD);
    await form.getByRole('button', { name: 'Set up' }).click();
    const secret = (await form.locator('code').textContent()) ?? '';
    await form.getByRole('textbox', { name: 'Code' }).fill(codeOf(secret, now()));
    await form.getByRole('button', { name: 'Turn on' }).click();
    await page.locator('.codes code').first().waitFor();
    await page.getByRole('link', { name: 'Users' }).click();
    const row = page.getByRole('row').filter({ hasText: PEOPLE.quality });
    await row.getByRole('button', { name: 'Reset second factor' }).click();
    await row.getByRole('button', { name: 'Reset second factor' }).waitFor({ state: 'detached' });
    await page.screenshot({ path: join(console_.shots, 'users-1920.png'), fullPage: true });
    await page.context().close();
  });
});
