/** A measurement-system study as tables, for the terminal and the page alike. */
import { figures, numberOr } from '../study/figures.ts';
import { sheetsOf } from './new-sheets.ts';
import type { MsaResult, Sheet } from './result.ts';

const TITLES: Record<MsaResult['type'], string> = {
  grr: 'Gage R&R, crossed',
  nested: 'Gage R&R, nested',
  type1: 'Type-1 gauge study',
  bias: 'Bias study',
  linearity: 'Linearity study',
  attribute: 'Attribute agreement study',
  stability: 'Stability of the gauge',
  uncertainty: 'Uncertainty budget',
  conformity: 'Three-zone verdict',
};

/** What the study is called. */
export function msaTitle(result: MsaResult): string {
  return TITLES[result.type];
}

/** The study as text. */
export function msaText(result: MsaResult): string {
  const size = Object.entries(result.size).map(([name, n]) => `${n} ${spaced(name)}`);
  return [
    `${msaTitle(result)}: ${size.join(', ')}`,
    `Verdict: ${result.verdict.toUpperCase()}`,
    ...result.reasons.map((reason) => `  ${reason}`),
    ...result.notes.map((note) => `  note: ${note}`),
    ...msaSheets(result).flatMap((sheet) => ['', sheet.title, ...aligned(sheet)]),
  ].join('\n');
}

interface Row {
  df: number;
  ss: number;
  ms: number | null;
  f: number | null;
  p: number | null;
}

interface Component {
  sd: number;
  studyVar: number;
  pctContribution: number | null;
  pctStudyVar: number | null;
  pctTolerance: number | null;
}

/** The figures in tables that suit the kind of study. */
export function msaSheets(result: MsaResult): Sheet[] {
  const { figures: f, type } = result;
  const sheets: Sheet[] = sheetsOf(result);
  if (isRecord(f['components'])) sheets.push(componentSheet(f['components']));
  if (isRecord(f['anova'])) sheets.push(anovaSheet(f['anova']));
  if (type === 'attribute') sheets.push(appraiserSheet(f['appraisers']));
  const plain = Object.entries(f).filter(([, v]) => typeof v === 'number' || typeof v === 'string');
  if (plain.length > 0) {
    sheets.push({
      title: 'Figures',
      header: ['', 'value'],
      rows: plain.map(([name, v]) => [
        spaced(name),
        typeof v === 'number' ? figures(v) : String(v),
      ]),
    });
  }
  return sheets;
}

function componentSheet(all: Record<string, unknown>): Sheet {
  const percent = (x: number | null) => (x === null ? '–' : `${x.toFixed(1)} %`);
  const rows = Object.entries(all as Record<string, Component>).map(([name, c]) => [
    name === 'grr' ? 'total gage R&R' : name,
    figures(c.sd),
    figures(c.studyVar),
    percent(c.pctContribution),
    percent(c.pctStudyVar),
    percent(c.pctTolerance),
  ]);
  const header = ['source', 'sigma', 'spread', '% of variance', '% of study', '% of tolerance'];
  return { title: 'Components', header, rows };
}

function anovaSheet(all: Record<string, unknown>): Sheet {
  const rows = Object.entries(all as Record<string, Row>).map(([name, r]) => [
    spaced(name),
    String(r.df),
    figures(r.ss),
    numberOr(r.ms),
    numberOr(r.f),
    r.p === null ? '–' : r.p < 0.001 ? '< 0.001' : r.p.toFixed(3),
  ]);
  return { title: 'ANOVA', header: ['source', 'df', 'SS', 'MS', 'F', 'p'], rows };
}

interface Judged {
  name: string;
  within: number;
  effectiveness: number | null;
  missRate: number | null;
  falseAlarmRate: number | null;
  kappa: number | null;
  verdict: string;
}

function appraiserSheet(all: unknown): Sheet {
  const percent = (x: number | null) => (x === null ? '–' : `${(100 * x).toFixed(1)} %`);
  const rows = (all as Judged[]).map((a) => [
    a.name,
    percent(a.within),
    percent(a.effectiveness),
    percent(a.missRate),
    percent(a.falseAlarmRate),
    a.kappa?.toFixed(3) ?? '–',
    a.verdict,
  ]);
  const header = ['operator', 'repeats', 'right', 'misses', 'false alarms', 'kappa', 'verdict'];
  return { title: 'Operators', header, rows };
}

function aligned({ header, rows }: Sheet): string[] {
  const all = [header, ...rows];
  const widths = header.map((_, i) => Math.max(...all.map((row) => (row[i] ?? '').length)));
  return all.map((row) =>
    `  ${row.map((c, i) => (i === 0 ? c.padEnd(widths[i] ?? 0) : c.padStart(widths[i] ?? 0))).join('  ')}`.trimEnd(),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** partInOperator as part in operator. */
function spaced(name: string): string {
  return name.replace(/[A-Z]/g, (c) => ` ${c.toLowerCase()}`);
}
