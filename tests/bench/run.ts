import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Row } from './row.ts';

/**
 * `npm run bench [-- P2 P5 …] [--json] [--long | --minutes N]`: every bench in a process of its own, one after
 * another, as ratios against something measured in the same run. No time is asserted. A run of all
 * of them writes the last part of docs/benchmarks.md, the table; what stands before it is kept.
 */
const BENCHES: { ids: string[]; run: () => Promise<Row[]> }[] = [
  { ids: ['P1', 'P13'], run: async () => (await import('./core.ts')).run() },
  { ids: ['P2', 'P3', 'P4'], run: async () => (await import('./pipeline.ts')).run() },
  { ids: ['P2-source'], run: async () => (await import('./mqtt-source.ts')).run() },
  { ids: ['P5', 'P6', 'P7'], run: async () => (await import('./store.ts')).run() },
  { ids: ['P8'], run: async () => (await import('./influxdb.ts')).run() },
  { ids: ['P9'], run: async () => (await import('./modbus.ts')).run() },
  { ids: ['P10'], run: async () => (await import('./latency.ts')).run() },
  { ids: ['P11'], run: async () => (await import('./start.ts')).run() },
  { ids: ['P12'], run: async () => (await import('./memory.ts')).run() },
  { ids: ['F25'], run: async () => (await import('./stalled.ts')).run() },
  { ids: ['P14'], run: async () => (await import('./study.ts')).run() },
];

/** Where the written words end. */
const TABLE = '## One run of everything\n';

const HEAD = ['id', 'what', 'ours', 'baseline', 'unit', 'ratio', 'goal', ''];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    long: { type: 'boolean', default: false },
    minutes: { type: 'string' },
    only: { type: 'string' },
  },
});

if (values.only !== undefined) {
  const rows = (await BENCHES[Number(values.only)]?.run()) ?? [];
  process.stdout.write(`\n${JSON.stringify(rows)}\n`);
  process.exit(0);
}
all();

function all(): void {
  const wanted = positionals.map((id) => id.toUpperCase());
  const chosen = BENCHES.filter((b) => wanted.length === 0 || b.ids.some((id) => fits(id, wanted)));
  if (chosen.length === 0) {
    const ids = BENCHES.flatMap((b) => b.ids).join(' ');
    process.stderr.write(`bench: nothing is called ${positionals.join(' ')}; there is ${ids}\n`);
    process.exitCode = 2;
    return;
  }
  const rows: Row[] = [];
  for (const bench of chosen) {
    process.stderr.write(`${bench.ids.join(', ')} …\n`);
    rows.push(...inOwnProcess(BENCHES.indexOf(bench)));
  }
  const shown = rows.filter((r) => wanted.length === 0 || fits(r.id.toUpperCase(), wanted));
  process.stdout.write(values.json ? `${JSON.stringify(shown, null, 2)}\n` : textTable(shown));
  if (wanted.length > 0 || process.exitCode !== undefined) return;
  const file = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url));
  const words = readFileSync(file, 'utf8').split(TABLE)[0] ?? '';
  writeFileSync(file, `${words}${TABLE}${markdown(shown)}`);
  process.stderr.write('written: docs/benchmarks.md\n');
}

function fits(id: string, wanted: readonly string[]): boolean {
  return wanted.some((w) => id === w || id.startsWith(`${w}-`) || w.startsWith(`${id}-`));
}

/** What one bench leaves behind (heap, compiled code, open files) must not weigh on the next. */
function inOwnProcess(index: number): Row[] {
  const child = spawnSync(
    process.execPath,
    [fileURLToPath(import.meta.url), '--only', String(index)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      maxBuffer: 64e6,
      env: { ...process.env, MINUTES: values.minutes ?? (values.long ? '60' : '') },
    },
  );
  const last = child.stdout.toString().trimEnd().split('\n').at(-1) ?? '';
  if (child.status === 0) return JSON.parse(last) as Row[];
  process.stderr.write(`  this bench ended with ${child.status ?? child.signal}\n`);
  process.exitCode = 1;
  return [];
}

/** A goal with a unit is about our figure, one without is about the ratio. */
function met(row: Row): string {
  const goal = /^(≤|<=|≥|>=)\s*([\d.]+)\s*(B|µs|MB|ms)?(?![\w])/.exec(row.goal);
  if (goal === null) return '–';
  const figure = goal[3] === undefined ? row.ratio : row.ours;
  const bound = Number(goal[2]);
  const below = goal[1] === '≤' || goal[1] === '<=';
  return (below ? figure <= bound : figure >= bound) ? 'met' : 'missed';
}

function figure(x: number): string {
  if (!Number.isFinite(x)) return '–';
  if (Math.abs(x) >= 1000) return Math.round(x).toLocaleString('en').replaceAll(',', ' ');
  return String(Number(x.toPrecision(3)));
}

function cells(row: Row): string[] {
  const { id, name, ours, baseline, unit, ratio, goal } = row;
  return [id, name, figure(ours), figure(baseline), unit, figure(ratio), goal, met(row)];
}

function textTable(rows: readonly Row[]): string {
  const table = [HEAD, ...rows.map(cells)];
  const widths = HEAD.map((_, c) => Math.max(...table.map((line) => (line[c] ?? '').length)));
  const line = (texts: string[]) => texts.map((text, c) => text.padEnd(widths[c] ?? 0)).join('  ');
  return `${table.map((texts) => line(texts).trimEnd()).join('\n')}\n`;
}

function markdown(rows: readonly Row[]): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const line = (texts: string[]) => `| ${texts.join(' | ')} |`;
  return `
Measured on ${availableParallelism()} cores (${model}), Node ${process.versions.node}, ${process.platform}.
Broker, database, publisher and agent share these cores.

${line(HEAD)}
${line(HEAD.map(() => '---'))}
${rows.map((row) => line(cells(row))).join('\n')}
`;
}
