import { msaPage } from '../evidence/html/msa-page.ts';
import { msaColumns } from '../evidence/msa/columns.ts';
import { msaStudy } from '../evidence/msa/msa.ts';
import type { MsaType, MsaWish } from '../evidence/msa/result.ts';
import { msaText } from '../evidence/msa/words.ts';
import { readTable } from '../evidence/tables/read.ts';
import { InputError } from '../runtime/errors.ts';
import { type Command, EXIT, type Values } from './command.ts';
import {
  numberOption,
  oneOf,
  readWish,
  TABLE_HELP,
  TABLE_OPTIONS,
  textOption,
  writePage,
} from './options.ts';
import { version } from './version.ts';

const TYPES = [
  'auto',
  'grr',
  'nested',
  'type1',
  'bias',
  'linearity',
  'kappa',
  'attribute',
  'stability',
  'uncertainty',
  'conformity',
] as const;

/** A measurement-system study of a CSV or Excel file. */
export const msa: Command = {
  summary: 'gauge study (gage R&R, type 1, bias, linearity, kappa, stability, uncertainty)',
  usage: 'FILE [--type TYPE] [--tolerance N | --lsl N --usl N] [--json] [--html OUT]',
  help: [
    'FILE             CSV or .xlsx, one row per measurement, with columns found by name:',
    '                 part, operator (appraiser), trial, value (measurement), reference',
    `--type TYPE      ${TYPES.join(', ')}`,
    '--tolerance N    width of the tolerance; or --lsl N --usl N',
    '--reference N    value of the master, for type1 and bias',
    '--part NAME, --operator NAME, --value NAME, --ref-column NAME, --group NAME   when names differ',
    'time             a column time, date, shift or group with repeats of one master: stability',
    'influence        a column influence (cal, res, evr, bias, lin, mpe, evo, av, gv, ia, stab, obj,',
    '                 temp, ms-rest, mp-rest), one value, and as wanted form (standard, expanded,',
    '                 limit, triangle, u-shape, resolution) and factor: budget with Q_MS and Q_MP',
    '--u N            standard uncertainty, or --expanded N = k u: three-zone verdict of each value',
    '                 against --lsl and --usl; --risk P one-sided (default 0.05) or --guard N',
    '--coverage K     k of U = k u (default 2)      --resolution N   step of the display',
    '--observed-cp N  index found with this gauge: what it would be without the gauge',
    '--alpha N        interaction is pooled when its p is above this (default 0.25)',
    '--study-var N    sigmas that stand for the spread (default 6)',
    '--confidence C   of intervals (default 0.95)',
    '--html OUT       write a page to print or to send',
    '--json           print one object {type, size, tolerance, verdict, reasons, notes, …figures}',
    ...TABLE_HELP,
    '',
    'exit code 0: computed, whatever the verdict; 2: bad input',
  ],
  example: 'meyar msa gauge.csv --tolerance 0.033 --html gauge.html',
  options: {
    type: { type: 'string', default: 'auto' },
    tolerance: { type: 'string' },
    lsl: { type: 'string' },
    usl: { type: 'string' },
    reference: { type: 'string' },
    part: { type: 'string' },
    operator: { type: 'string' },
    value: { type: 'string' },
    'ref-column': { type: 'string' },
    alpha: { type: 'string' },
    'study-var': { type: 'string' },
    confidence: { type: 'string' },
    u: { type: 'string' },
    expanded: { type: 'string' },
    coverage: { type: 'string' },
    guard: { type: 'string' },
    risk: { type: 'string' },
    resolution: { type: 'string' },
    'observed-cp': { type: 'string' },
    group: { type: 'string' },
    html: { type: 'string' },
    json: { type: 'boolean' },
    ...TABLE_OPTIONS,
  },
  positionals: [1, 1],
  async run([file = ''], values, terminal) {
    const asked = oneOf(values, 'type', TYPES, 'auto');
    const type: MsaType | 'auto' = asked === 'kappa' ? 'attribute' : asked;
    const wish = wishOf(values);
    const table = await readTable(file, readWish(values));
    const columns = msaColumns(table, {
      part: textOption(values, 'part'),
      operator: textOption(values, 'operator'),
      value: textOption(values, 'value'),
      reference: textOption(values, 'ref-column'),
      group: textOption(values, 'group'),
    });
    const result = msaStudy(table, columns, wish, type);
    const html = textOption(values, 'html');
    if (html !== undefined) {
      const about = { file, version: version(), madeAtMs: terminal.clock.now() };
      writePage(html, msaPage(result, about));
    }
    if (values['json'] === true) {
      const { figures, ...rest } = result;
      terminal.out(JSON.stringify({ ...rest, ...figures }));
    } else terminal.out(msaText(result) + (html === undefined ? '' : `\n\nWritten: ${html}`));
    return EXIT.done;
  },
};

function wishOf(values: Values): MsaWish {
  const lsl = numberOption(values, 'lsl');
  const usl = numberOption(values, 'usl');
  const width = lsl === null || usl === null ? null : usl - lsl;
  const tolerance = numberOption(values, 'tolerance') ?? width;
  const coverage = above(values, 'coverage') ?? 2;
  const expanded = above(values, 'expanded');
  if (tolerance !== null && !(tolerance > 0)) {
    throw new InputError(`the tolerance must be above 0, not ${tolerance}: were limits exchanged?`);
  }
  return {
    tolerance,
    reference: numberOption(values, 'reference'),
    alpha: numberOption(values, 'alpha') ?? 0.25,
    studyVarMultiplier: numberOption(values, 'study-var') ?? 6,
    confidence: numberOption(values, 'confidence') ?? 0.95,
    lsl,
    usl,
    standardUncertainty: above(values, 'u') ?? (expanded === null ? null : expanded / coverage),
    guard: above(values, 'guard'),
    risk: numberOption(values, 'risk') ?? 0.05,
    coverage,
    resolution: above(values, 'resolution'),
    observedCp: above(values, 'observed-cp'),
  };
}

function above(values: Values, name: string): number | null {
  const value = numberOption(values, name);
  if (value === null || value > 0) return value;
  throw new InputError(`--${name} ${value}: a number above 0 is needed`);
}
