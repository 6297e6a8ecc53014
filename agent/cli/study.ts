import { studyPage } from '../evidence/html/study-page.ts';
import { sayStreams, streamsOf } from '../evidence/study/by-streams.ts';
import { studyData } from '../evidence/study/data.ts';
import { dialectsOf } from '../evidence/study/dialects.ts';
import { oneGauge } from '../evidence/study/gauges.ts';
import type { NonNormalMethod } from '../evidence/study/indices.ts';
import { DISTRIBUTIONS } from '../evidence/study/laws.ts';
import { HINTS } from '../evidence/study/model.ts';
import type { StudyWish } from '../evidence/study/result.ts';
import { GROUPED_ESTIMATORS, SINGLE_ESTIMATORS } from '../evidence/study/sigma.ts';
import { RULE_SETS } from '../evidence/study/stability.ts';
import { streamStudy } from '../evidence/study/stream.ts';
import { computeStudy } from '../evidence/study/study.ts';
import { studyText } from '../evidence/study/words.ts';
import { readTable } from '../evidence/tables/read.ts';
import { InputError } from '../runtime/errors.ts';
import type { FamilyPrior } from '../spc/posterior.ts';
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
import { KIND_HELP, KIND_OPTIONS, type KindResult, kindOf } from './study-kinds.ts';
import { version } from './version.ts';

/** A capability study of a CSV or Excel file. */
export const study: Command = {
  summary: 'capability study of a CSV or Excel file',
  usage: 'FILE --lsl N --usl N [--subgroup N|COLUMN] [--value COLUMN] [--json] [--html OUT]',
  help: [
    'FILE                CSV (delimiter, decimal sign and header are found out) or .xlsx;',
    '                    one column of readings, or one row per subgroup',
    '--lsl N, --usl N    specification limits; one is enough',
    '--target N          target, for Cpm      --nominal N   nominal value, shown',
    '--natural SIDE      lower or upper: that limit is one of nature, e.g. lower for flatness 0',
    '--subgroup N|NAME   size of a subgroup, or the column that names it (default: individuals)',
    '--value NAME        column of the readings; NAME,NAME,… for the members of a subgroup',
    `--estimator E       sigma within: ${GROUPED_ESTIMATORS.join(', ')};`,
    `                    individuals: ${SINGLE_ESTIMATORS.join(', ')}`,
    `--distribution D    auto (default), ${DISTRIBUTIONS.slice(0, 5).join(', ')}, …`,
    `--hint WHAT         what is measured: ${Object.keys(HINTS).join(', ')}`,
    '--method M          of indices that are not normal: percentile (default) or z-score',
    `--rules R           ${Object.keys(RULE_SETS).join(', ')}`,
    '--confidence C      of bounds and intervals (default 0.95)',
    '--machine           a machine study: Cm and Cmk of at least 50 consecutive parts',
    '--prior SD,N        what the part family has shown: its sd, worth N readings',
    '--by NAME           column of the cavity, spindle or head: indices per stream, the worst one',
    "--gauge NAME        with a column 'gauge' of several: only rows measured with this one",
    '--pool-gauges TEXT  their rows as one, and who signs that: who: what shows it',
    '--dialects          Minitab, AIAG and ISO 22514-2 side by side',
    '--html OUT          write a page with charts, to print or to send',
    '--json              print one object',
    ...KIND_HELP,
    ...TABLE_HELP,
    '',
    'exit code 0: computed, whatever the verdict; 2: bad input',
  ],
  example: 'meyar study rings.csv --lsl 73.95 --usl 74.05 --subgroup 5 --html study.html',
  options: {
    lsl: { type: 'string' },
    usl: { type: 'string' },
    target: { type: 'string' },
    nominal: { type: 'string' },
    natural: { type: 'string' },
    subgroup: { type: 'string' },
    value: { type: 'string' },
    estimator: { type: 'string' },
    distribution: { type: 'string', default: 'auto' },
    hint: { type: 'string' },
    method: { type: 'string', default: 'percentile' },
    rules: { type: 'string', default: Object.keys(RULE_SETS)[0] as string },
    confidence: { type: 'string', default: '0.95' },
    by: { type: 'string' },
    gauge: { type: 'string' },
    'pool-gauges': { type: 'string' },
    machine: { type: 'boolean' },
    prior: { type: 'string' },
    dialects: { type: 'boolean' },
    html: { type: 'string' },
    json: { type: 'boolean' },
    ...KIND_OPTIONS,
    ...TABLE_OPTIONS,
  },
  positionals: [1, 1],
  async run([file = ''], values, terminal) {
    const kind = kindOf(values);
    const found =
      kind === null
        ? await measured(file, values)
        : kind(await readTable(file, readWish(values)), commonOf(values));
    const html = textOption(values, 'html');
    if (html !== undefined) {
      const about = { file, version: version(), madeAtMs: terminal.clock.now() };
      writePage(html, found.page(about));
    }
    if (values['json'] === true) terminal.out(JSON.stringify(found.json));
    else {
      terminal.out(found.text);
      if (html !== undefined) terminal.out(`\nWritten: ${html}`);
    }
    return EXIT.done;
  },
};

/** A study of one measured value. */
async function measured(file: string, values: Values): Promise<KindResult> {
  const { detail, dialects, streams } = await computed(file, wishOf(values), values);
  const more = { ...(dialects && { dialects }), ...(streams && { streams }) };
  const text = studyText(detail.study, dialects);
  return {
    json: { ...detail.study, ...more },
    text: streams === null ? text : `${text}\n${sayStreams(streams)}`,
    page: (about) => studyPage(detail, { dialects, streams }, about),
  };
}

/** A large file is read in passes; comparing dialects needs all readings at hand. */
async function computed(file: string, wish: StudyWish, values: Values) {
  const columns = {
    value: textOption(values, 'value'),
    subgroup: textOption(values, 'subgroup'),
  };
  const compare = values['dialects'] === true;
  const by = textOption(values, 'by');
  const streamed =
    compare || (by ?? values['gauge'] ?? values['pool-gauges']) !== undefined
      ? null
      : streamStudy(file, readWish(values), columns, wish);
  if (streamed !== null) return { detail: streamed, dialects: null, streams: null };
  const { table, notes } = oneGauge(await readTable(file, readWish(values)), {
    gauge: textOption(values, 'gauge'),
    pool: textOption(values, 'pool-gauges'),
  });
  const data = studyData(table, columns);
  data.notes.unshift(...notes);
  const detail = computeStudy(data, wish);
  return {
    detail,
    dialects: compare ? dialectsOf(detail.study, data, detail.law) : null,
    streams: by === undefined ? null : streamsOf(table, by, columns.value, wish),
  };
}

function wishOf(values: Values): StudyWish {
  const lsl = numberOption(values, 'lsl');
  const usl = numberOption(values, 'usl');
  if (lsl !== null && usl !== null && usl <= lsl) {
    throw new InputError(`--usl ${usl} must be above --lsl ${lsl}: were they exchanged?`);
  }
  return {
    ...{ lsl, usl, ...commonOf(values) },
    target: numberOption(values, 'target'),
    nominal: numberOption(values, 'nominal'),
    natural: oneOf(values, 'natural', ['lower', 'upper', 'none'], 'none'),
    estimator: textOption(values, 'estimator'),
    distribution: oneOf(values, 'distribution', ['auto', ...DISTRIBUTIONS], 'auto'),
    hint: values['hint'] === undefined ? null : oneOf(values, 'hint', Object.keys(HINTS), ''),
    nonNormalMethod: oneOf<NonNormalMethod>(
      values,
      'method',
      ['percentile', 'z-score'],
      'percentile',
    ),
    machine: values['machine'] === true,
    prior: priorOf(values),
  };
}

function commonOf(values: Values) {
  const confidence = numberOption(values, 'confidence') ?? 0.95;
  if (!(confidence > 0.5 && confidence < 1)) {
    throw new InputError(`--confidence ${confidence}: a number above 0.5 and below 1 is needed`);
  }
  return { confidence, rules: oneOf(values, 'rules', Object.keys(RULE_SETS), '') };
}

/** `SD,N`: an sd from earlier parts of the family, and how many readings it is worth. */
function priorOf(values: Values): FamilyPrior | null {
  const text = textOption(values, 'prior');
  if (text === undefined) return null;
  const [sd = Number.NaN, sdN = Number.NaN, ...rest] = text.split(',').map(Number);
  if (!(sd > 0 && sdN > 0) || !Number.isFinite(sd + sdN) || rest.length > 0) {
    throw new InputError(
      `--prior ${text}: an sd and a number of readings are needed, e.g. 0.02,30`,
    );
  }
  return { mean: 0, meanN: 0, sd, sdN };
}
