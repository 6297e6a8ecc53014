import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { testConsole } from '../console/console-app.ts';
import { type FakeView, fakeView } from '../support/fake-view.ts';
import { builtPage } from './built-page.ts';

/** Chromium without windows takes a third of the time of the whole one; either will do. */
const CHROMIUM = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface OpenPage {
  page: Page;
  /** errors and warnings of the browser console, and requests that left this machine */
  complaints: string[];
}

export interface Opened {
  view: FakeView;
  url: string;
  shots: string;
  open(hash: string, size: [width: number, height: number], dark?: boolean): Promise<OpenPage>;
  /** the agent goes away while pages stay open */
  stopAgent(): Promise<void>;
  close(): Promise<void>;
}

/** Opens pages of one address in Chromium. */
export interface BrowserOf {
  open(hash: string, size: [width: number, height: number], dark?: boolean): Promise<OpenPage>;
  close(): Promise<void>;
}

/** Opens the page in Chromium over a made-up plant. */
export async function openConsole(more: Parameters<typeof testConsole>[1] = {}): Promise<Opened> {
  const assetsDir = await builtPage();
  const view = fakeView();
  const app = testConsole(view, { ...more, assetsDir });
  const url = await app.listen();
  const browser = await browserOf(url);
  const shots = mkdtempSync(join(tmpdir(), 'meyar-shots-'));
  return {
    view,
    url,
    shots,
    open: browser.open,
    stopAgent: () => app.close(),
    async close() {
      await browser.close();
      await app.close();
    },
  };
}

/** Chromium for a console at this address. */
export async function browserOf(url: string): Promise<BrowserOf> {
  const browser: Browser = await chromium.launch({
    executablePath: CHROMIUM.find(existsSync) ?? '',
    args: ARGS,
  });
  return {
    close: () => browser.close(),
    async open(hash, [width, height], dark = false) {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: dark ? 'dark' : 'light',
        reducedMotion: 'reduce',
        timezoneId: 'Asia/Karachi',
      });
      context.setDefaultTimeout(60_000);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => {
        if (!request.url().startsWith(url)) complaints.push(`left the machine: ${request.url()}`);
      });
      await page.goto(`${url}/${hash}`);
      await page.locator('main h1').first().waitFor();
      return { page, complaints };
    },
  };
}
