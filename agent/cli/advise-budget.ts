import {
  type AlarmBudget,
  alarmBudget,
  type ChartChoice,
  type Load,
} from '../evidence/alarm-budget.ts';
import { createRandom } from '../plants/random.ts';
import { parseDuration } from '../runtime/duration.ts';
import { InputError } from '../runtime/errors.ts';
import { loadSettings } from '../settings/load.ts';
import { budgetItem, deltaOf } from './advise-choices.ts';
import { EXIT, type Terminal, type Values } from './command.ts';

/** Runs of a simulated chart: its average is then known to about 2 %. */
const RUNS = 2500;
const SEED = 1;
const DEFAULT_DELTA = 1;

/** `meyar advise -c FILE --budget N`: false alarms of the configured charts, and how to have fewer. */
export function adviseBudget(file: string, values: Values, terminal: Terminal): number {
  const settings = loadSettings(file, terminal.env);
  const budget = numberOf(values, 'budget', 1);
  const shiftMs = parseDuration(String(values['shift'] ?? '8h'));
  if (shiftMs === undefined || shiftMs <= 0) {
    throw new InputError(`--shift ${values['shift']}: write a duration such as 8h`);
  }
  const rates = ratesOf(values['parts-per-hour'], Object.keys(settings.characteristics));
  const delta = values['delta'] === 'auto' ? null : numberOf(values, 'delta', DEFAULT_DELTA);
  const known = new Map<string, ChartChoice>();
  const items = Object.entries(settings.characteristics).map(([id, own]) => {
    const rate = rates.get(id) ?? rates.get('') ?? null;
    if (rate === null) throw new InputError(`--parts-per-hour: no rate for ${id}; add ${id}=N`);
    const shift = delta ?? deltaOf(own) ?? DEFAULT_DELTA;
    const random = createRandom(SEED);
    return budgetItem(id, own, rate, shift, { normal: random.normal, runs: RUNS }, known);
  });
  const result = alarmBudget(items, budget, shiftMs / 3_600_000);
  terminal.out(values['json'] === true ? JSON.stringify(result) : sayBudget(result));
  return result.met ? EXIT.done : EXIT.foundWrong;
}

function numberOf(values: Values, key: string, fallback: number): number {
  const text = values[key];
  if (text === undefined) return fallback;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InputError(`--${key} ${String(text)}: a number above 0 is needed`);
}

/** '80' for all, 'hardness=1.5' for one, joined by commas. */
function ratesOf(text: Values[string], known: string[]): Map<string, number> {
  if (typeof text !== 'string') {
    throw new InputError(
      'meyar advise: state how fast parts are made, e.g. --parts-per-hour 80 or ' +
        '--parts-per-hour 80,hardness=1.5',
    );
  }
  const rates = new Map<string, number>();
  for (const entry of text.split(',')) {
    const [first = '', second] = entry.split('=');
    const id = second === undefined ? '' : first.trim();
    const value = Number(second ?? first);
    if (!(Number.isFinite(value) && value > 0) || (id !== '' && !known.includes(id))) {
      throw new InputError(`--parts-per-hour ${entry}: write N or CHARACTERISTIC=N`);
    }
    rates.set(id, value);
  }
  return rates;
}

function sayBudget(result: AlarmBudget): string {
  const lines = [...result.summary, '', 'as configured:', ...table(result.now)];
  for (const change of result.changes) {
    lines.push('', change.sentence, ...change.settings.map((line) => `    ${line}`));
  }
  if (result.changes.length > 0) lines.push('', 'as proposed:', ...table(result.proposed));
  return lines.join('\n');
}

function table(loads: readonly Load[]): string[] {
  const head = [
    'characteristic',
    'chart',
    'points',
    'false/shift',
    'points to alarm',
    'found after',
  ];
  const rows = loads.flatMap((one) =>
    one.charts.map((chart, i) => [
      i === 0 ? one.characteristic : '',
      chart.chart,
      i === 0 ? one.pointsPerShift.toFixed(1) : '',
      chart.falsePerShift.toFixed(2),
      chart.arl0 === null ? 'never' : chart.arl0.toFixed(0),
      i > 0 ? '' : one.delayParts === null ? 'never' : `${one.delayParts.toFixed(0)} parts`,
    ]),
  );
  const widths = head.map((_, c) => Math.max(...[head, ...rows].map((row) => row[c]?.length ?? 0)));
  return [head, ...rows].map((row) =>
    `  ${row.map((cell, c) => cell.padEnd(widths[c] ?? 0)).join('  ')}`.trimEnd(),
  );
}
