/** A measurement-system study as a page to print or to send. */
import type { MsaResult } from '../msa/result.ts';
import { msaSheets, msaTitle } from '../msa/words.ts';
import { componentBars } from './bars.ts';
import { type About, banner, grid, list, page } from './page.ts';
import { stabilityCharts } from './stability-charts.ts';
import { escaped } from './svg.ts';

const TONES = {
  acceptable: 'good',
  conditional: 'doubt',
  'not acceptable': 'bad',
  'no verdict': 'doubt',
} as const;

/** The whole page. */
export function msaPage(result: MsaResult, about: About): string {
  const title = msaTitle(result);
  const size = Object.entries(result.size).map(([name, n]) => `${n} ${name}`);
  const sheets = msaSheets(result).map(
    (sheet) =>
      `<section><h2>${escaped(sheet.title)}</h2>${grid(sheet.header, sheet.rows)}</section>`,
  );
  const [reason = '', ...more] = result.reasons;
  return page(title, about, [
    `<h1>${escaped(title)}</h1>`,
    `<p class="sub">${escaped(size.join(' · '))}</p>`,
    banner(TONES[result.verdict], capital(result.verdict), reason),
    list('Why', more),
    componentBars(result),
    stabilityCharts(result),
    ...sheets,
    list('Notes', result.notes),
  ]);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
