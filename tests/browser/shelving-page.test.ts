import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/debian.ts';
import { type Opened, openConsole } from './open-console.ts';

describe.skipIf(!needs('chromium'))('an alert on the page', () => {
  let console_: Opened;
  beforeAll(async () => {
    console_ = await openConsole();
  });
  afterAll(() => console_?.close());

  test('is put aside with a reason, says so, and is taken back', async () => {
    const { page, complaints } = await console_.open('#/alerts/42', [1280, 900]);
    const detail = page.locator('article.detail');
    await detail.getByText('Put aside for a while').click();
    const form = detail.locator('form.shelve');
    await form.getByLabel('Your name').fill('Sana (made up)');
    await form.getByLabel('For how long').selectOption('2h');
    await form.getByLabel('Why').fill('gauge is being mended');
    await page.screenshot({ path: join(console_.shots, 'shelve-form.png'), fullPage: true });
    await form.getByRole('button', { name: 'Put aside' }).click();
    await detail.getByText('Put aside until').waitFor();
    await detail.getByText('Sana (made up): gauge is being mended').first().waitFor();
    await page.locator('.alerts .state', { hasText: 'put aside' }).waitFor();
    await detail.locator('li', { hasText: 'by Sana (made up)' }).waitFor();
    await page.screenshot({ path: join(console_.shots, 'shelved.png'), fullPage: true });
    await detail.getByRole('button', { name: 'Take it back now' }).click();
    await detail.getByText('Put aside for a while').waitFor();
    await page.locator('.alerts .state', { hasText: 'put aside' }).waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('rows that a sink refused are shown with what can be done about them', async () => {
    console_.view.rejected = async () => [
      { id: 1, sink: 'influx', timeMs: Date.now(), row: 'spc_sample v=1', reason: 'type conflict' },
    ];
    const { page } = await console_.open('#/sources', [1280, 900]);
    const card = page.locator('.card', { has: page.getByText('Refused or too late') }).first();
    await card.getByText('Refused or too late').click();
    await card.getByText('type conflict').waitFor();
    await card.getByLabel('Your name').fill('Omar (made up)');
    await card.getByRole('button', { name: 'Send all once more' }).click();
    await card.getByText('0 of 0 were taken.').waitFor();
    await card.getByLabel('Why they are given up').fill('old tests');
    await card.getByRole('button', { name: 'Give all up' }).click();
    await card.getByText('0 rows were given up.').waitFor();
    await page.screenshot({ path: join(console_.shots, 'refused.png'), fullPage: true });
    await page.context().close();
  });
});
