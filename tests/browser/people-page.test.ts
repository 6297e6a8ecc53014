import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeCode } from '../../agent/console/auth/code.ts';
import type { Role } from '../../agent/model.ts';
import { PASSWORD, PEOPLE, people } from '../console/people.ts';
import { needs } from '../support/debian.ts';
import { fakeAccounts } from '../support/fake-accounts.ts';
import { type Opened, openConsole } from './open-console.ts';

const WIDE: [number, number] = [1920, 1080];
const NARROW: [number, number] = [360, 800];

async function logIn(page: Page, role: Role): Promise<void> {
  await page.getByLabel('Name').fill(PEOPLE[role]);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.locator('.who a', { hasText: PEOPLE[role] }).waitFor();
}

/** Nothing hangs out of the screen on either side. */
const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

describe.skipIf(!needs('chromium'))('where there are users', () => {
  let console_: Opened;
  beforeAll(async () => {
    console_ = await openConsole({ accounts: fakeAccounts(await people()) });
  });
  afterAll(() => console_?.close());

  test('nothing of the plant is seen before the login, and a wrong password says so', async () => {
    const { page } = await console_.open('#/', NARROW);
    expect(await page.locator('h1').textContent()).toBe('Log in');
    expect(await page.locator('.tile').count()).toBe(0);
    expect(await page.getByText('Ravi Auto Shafts').count()).toBe(0);
    await page.screenshot({ path: join(console_.shots, 'login-360.png') });
    await page.getByLabel('Name').fill(PEOPLE.viewer);
    await page.getByLabel('Password').fill('wrong wrong wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').filter({ hasText: 'is wrong' }).waitFor();
    await logIn(page, 'viewer');
    await page.locator('.tile').first().waitFor();
    expect(await overflow(page)).toBe(0);
    await page.context().close();
  });

  test('a screen that draws slowly learns who sits there all the same', async () => {
    const { page } = await console_.open('#/', WIDE);
    await logIn(page, 'viewer');
    // The answer of the agent is there long before the components begin to listen for it.
    await page.addInitScript(() => {
      const soon = window.setTimeout.bind(window);
      const late = (work: () => void, ms = 0) => soon(work, ms + 700);
      Object.assign(window, { setTimeout: late, requestAnimationFrame: late });
    });
    await page.reload();
    await page.locator('.tile').first().waitFor();
    await page.context().close();
  });

  test('a viewer is not offered what a viewer may not do', async () => {
    const { page } = await console_.open('#/alerts/41', WIDE);
    await logIn(page, 'viewer');
    await page.getByText('Answering needs the role Operator.').waitFor();
    expect(await page.getByRole('button', { name: 'Acknowledge', exact: true }).count()).toBe(0);
    expect(await page.locator('nav').textContent()).not.toMatch(/Records|Users/);
    await page.goto(`${console_.url}/#/characteristic/thread`);
    await page.getByText('not yet', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: 'Approve…' }).count()).toBe(0);
    await page.context().close();
  });

  test('an operator answers under the name of the login', async () => {
    const { page } = await console_.open('#/alerts/41', NARROW);
    await logIn(page, 'operator');
    await page.getByText(`Signed: ${PEOPLE.operator}`).waitFor();
    expect(await page.getByLabel('Your name').count()).toBe(0);
    await page.getByLabel('Cause').fill('Material lot');
    await page.getByLabel('What was done').fill('Lot set aside');
    await page.getByRole('button', { name: 'Acknowledge', exact: true }).click();
    await page.getByText(`Answered by ${PEOPLE.operator}`).waitFor();
    await page.context().close();
  });

  test('an administrator makes users and tokens, sees the records, and logs out', async () => {
    const { page, complaints } = await console_.open('#/users', WIDE);
    await logIn(page, 'admin');
    const add = page.getByRole('form', { name: 'Add a user' });
    await add.getByLabel('Name').fill('<b>Nadia</b>');
    await add.getByLabel('First password').fill(PASSWORD);
    await add.getByRole('button', { name: 'Add' }).click();
    await page.getByRole('alert').filter({ hasText: 'letters, digits' }).waitFor();
    await add.getByLabel('Name').fill('Nadia Khan');
    await add.getByRole('button', { name: 'Add' }).click();
    await page.getByRole('rowheader', { name: 'Nadia Khan' }).waitFor();
    const token = page.getByRole('form', { name: 'Add a token' });
    await token.getByLabel('Name').fill('Hall display');
    await token.getByRole('button', { name: 'Add' }).click();
    await page.locator('.secret code').waitFor();
    expect(await page.locator('.secret code').textContent()).toMatch(/^meyar_[\w-]{43}$/);
    await page.screenshot({ path: join(console_.shots, 'users-1920.png'), fullPage: true });
    await page.setViewportSize({ width: 360, height: 800 });
    expect(await overflow(page)).toBe(0);
    await page.screenshot({ path: join(console_.shots, 'users-360.png'), fullPage: true });
    await page.goto(`${console_.url}/#/audit`);
    await page.getByRole('cell', { name: 'token-add' }).waitFor();
    expect(await overflow(page)).toBe(0);
    await page.screenshot({ path: join(console_.shots, 'audit-360.png'), fullPage: true });
    await page.setViewportSize({ width: 1920, height: 1080 });
    await page.screenshot({ path: join(console_.shots, 'audit-1920.png') });
    await page.goto(`${console_.url}/#/account`);
    await page.getByRole('cell', { name: 'here' }).waitFor();
    await page.getByRole('button', { name: 'Log out', exact: true }).waitFor();
    await page.screenshot({ path: join(console_.shots, 'account-1920.png') });
    await page.getByRole('button', { name: 'Log out', exact: true }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    // The browser itself says so of each answer that is no success; nothing else may be said.
    expect(complaints.filter((one) => !/status of 40[01]/.test(one))).toEqual([]);
    await page.context().close();
  });

  test('a page whose login an administrator ends asks for a new one', async () => {
    const { page } = await console_.open('#/', WIDE);
    await logIn(page, 'quality');
    await page.getByText('Live', { exact: true }).waitFor();
    const admin = await console_.open('#/users', WIDE);
    await logIn(admin.page, 'admin');
    const row = admin.page.getByRole('row').filter({ hasText: PEOPLE.quality });
    await row.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    expect(await page.locator('.tile').count()).toBe(0);
    await page.context().close();
    await admin.page.context().close();
  });
});

describe.skipIf(!needs('chromium'))('where there are none yet', () => {
  test('the page says how to begin, and a code from the machine makes an administrator', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'meyar-claim-'));
    const opened = await openConsole({ dataDir });
    try {
      const { page } = await opened.open('#/users', NARROW);
      expect(await page.locator('.who').textContent()).toBe('Open on this machine');
      expect(await overflow(page)).toBe(0);
      await page.getByRole('link', { name: 'Make the first administrator' }).click();
      await page.screenshot({ path: join(opened.shots, 'claim-360.png') });
      await page.getByLabel('One-time code').fill(writeCode(dataDir, Date.now()));
      await page.getByLabel('Name').fill('Bilal');
      await page.getByLabel('New password').fill(PASSWORD);
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.locator('.who a', { hasText: 'Bilal' }).waitFor();
      await page.getByRole('rowheader', { name: 'Bilal' }).waitFor();
    } finally {
      await opened.close();
    }
  });
});
