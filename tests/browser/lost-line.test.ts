import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../support/debian.ts';
import { type Opened, openConsole } from './open-console.ts';

describe.skipIf(!needs('chromium'))('when the agent goes away', () => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await openConsole();
  });
  afterAll(() => opened?.close());

  test('the page says so and nothing looks green any more', async () => {
    const { page } = await opened.open('#/', [1280, 900]);
    await page.locator('.tile').first().waitFor();
    expect(await page.locator('.tile.unsure').count()).toBe(0);
    await opened.stopAgent();
    await page.getByText('Connection lost').waitFor();
    await page.locator('.banner.lost').waitFor();
    const tiles = await page.locator('.tile').count();
    expect(await page.locator('.tile.unsure').count()).toBe(tiles);
  });
});
