/** The frame of every printed page: one file, no script, nothing loaded from elsewhere. */
import { escaped } from './svg.ts';

export interface About {
  /** the file the readings are from */
  file: string;
  version: string;
  madeAtMs: number;
}

/** A whole page around its parts. */
export function page(title: string, about: About, parts: readonly string[]): string {
  const made = new Date(about.madeAtMs).toISOString().slice(0, 16).replace('T', ' ');
  const foot = `Meyar ${about.version} · readings: ${about.file} · made ${made} UTC`;
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title>`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<style>${STYLE}</style></head><body><main>`,
    ...parts,
    `<footer>${escaped(foot)}</footer></main></body></html>`,
    '',
  ].join('\n');
}

/** A table of names and values; values may hold markup made by us. */
export function facts(rows: readonly (readonly [string, string])[]): string {
  const cells = rows.map(([name, value]) => `<tr><th>${escaped(name)}</th><td>${value}</td></tr>`);
  return `<table class="facts">${cells.join('')}</table>`;
}

/** A table with a header; cells are escaped, numbers stand right. */
export function grid(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = header.map((cell) => `<th>${escaped(cell)}</th>`).join('');
  const body = rows.map(
    (row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`,
  );
  return `<table class="grid"><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}

/** The verdict at the top: good, doubtful or bad. */
export function banner(tone: 'good' | 'doubt' | 'bad', heading: string, text: string): string {
  return (
    `<div class="banner ${tone}"><strong>${escaped(heading)}</strong> ` +
    `<span>${escaped(text)}</span></div>`
  );
}

/** Sentences as a list; empty when there are none. */
export function list(title: string, sentences: readonly string[]): string {
  if (sentences.length === 0) return '';
  const items = sentences.map((sentence) => `<li>${escaped(sentence)}</li>`).join('');
  return `<section><h2>${escaped(title)}</h2><ul>${items}</ul></section>`;
}

const STYLE = `
@page { size: A4; margin: 12mm; }
* { box-sizing: border-box; }
body { margin: 0; background: #eef1f4; color: #1d2329;
  font: 12.5px/1.45 Helvetica, Arial, "Noto Sans", sans-serif; }
main { max-width: 190mm; margin: 8mm auto; padding: 9mm 10mm; background: #fff;
  box-shadow: 0 1px 6px #0003; }
h1 { font-size: 20px; margin: 0 0 2px; }
h2 { font-size: 13.5px; margin: 14px 0 5px; padding-bottom: 2px; border-bottom: 1.5px solid #1f4e79;
  color: #1f4e79; }
p.sub { margin: 0 0 10px; color: #59636e; }
section { break-inside: avoid; }
svg { width: 100%; height: auto; display: block; }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 12px; align-items: start; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
.facts th { text-align: left; font-weight: normal; color: #59636e; padding: 1.5px 8px 1.5px 0;
  white-space: nowrap; vertical-align: top; width: 1%; }
.facts td { padding: 1.5px 0; vertical-align: top; }
.grid th, .grid td { padding: 3px 7px; border-bottom: 1px solid #dde2e7; text-align: right;
  vertical-align: top; }
.grid th { background: #f2f5f8; font-weight: bold; }
.grid th:first-child, .grid td:first-child, .grid td:last-child, .grid th:last-child {
  text-align: left; }
.grid td:first-child { font-weight: bold; }
.grid td:not(:last-child) { white-space: nowrap; }
.banner { margin: 10px 0; padding: 8px 12px; border-left: 6px solid; border-radius: 3px; }
.banner strong { display: block; font-size: 14px; }
.good { background: #e8f4ea; border-color: #2e7d32; }
.doubt { background: #fff5e0; border-color: #e69100; }
.bad { background: #fdeaea; border-color: #c62828; }
ul { margin: 4px 0; padding-left: 18px; }
li { margin: 2px 0; }
footer { margin-top: 14px; padding-top: 5px; border-top: 1px solid #dde2e7; color: #59636e;
  font-size: 10.5px; overflow-wrap: anywhere; }
@media print {
  body { background: #fff; font-size: 11.5px; }
  h2 { margin-top: 10px; }
  main { max-width: none; margin: 0; padding: 0; box-shadow: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
@media (max-width: 600px) { .two { grid-template-columns: 1fr; } main { padding: 5mm; } }
`;
