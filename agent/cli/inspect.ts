import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, messageOf } from '../runtime/errors.ts';
import { type Checked, checkStore } from '../store/checks.ts';
import { StoreError } from '../store/errors.ts';
import { writeNote } from '../store/files.ts';
import { type Inspected, inspectStore } from '../store/inspect.ts';
import { type Command, EXIT } from './command.ts';

/** What is in a store; with --check whether all of it is sound. */
export const inspect: Command = {
  summary: 'look into a store, also beside a running agent; --check reads all of it',
  usage: '[--data DIR] [--check] [--json]',
  help: [
    '--data DIR          where the journal is kept (default: ./data)',
    '--check             check every page, journal row, history chunk and the audit log',
    '--json              {format, bytes, journal, rows, characteristics, cursors, beside, lastBackup,',
    '                    lastCheck, check}',
    '',
    'Nothing is changed. exit code 0: all well; 1: damage was found; 2: there is no store to look at',
  ],
  example: 'meyar inspect --data /var/lib/meyar --check',
  options: {
    data: { type: 'string', default: 'data' },
    check: { type: 'boolean' },
    json: { type: 'boolean' },
  },
  positionals: [0, 0],
  async run(_positionals, values, terminal) {
    const file = join(String(values['data']), 'meyar.db');
    if (!existsSync(file)) throw new InputError(`meyar inspect: there is no store ${file}`);
    try {
      const check = values['check'] === true ? checkStore(file) : undefined;
      if (check !== undefined) note(`${file}.check.json`, check, terminal.clock.now());
      const found = inspectStore(file);
      const said = { ...found, ...(check === undefined ? {} : { check }) };
      terminal.out(values['json'] === true ? JSON.stringify(said) : sayStore(found, check));
      return check?.ok === false ? EXIT.foundWrong : EXIT.done;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      terminal.err(`meyar inspect: ${error.message}`);
      return error.failure === 'damaged' ? EXIT.foundWrong : EXIT.badInput;
    }
  },
};

/** For the agent and whoever looks next; a look is worth something without it too. */
function note(path: string, check: Checked, timeMs: number): void {
  try {
    writeNote(path, { timeMs, ...check });
  } catch (error) {
    process.stderr.write(`meyar inspect: not noted beside the store: ${messageOf(error)}\n`);
  }
}

function sayStore(s: Inspected, check: Checked | undefined): string {
  const kb = (bytes: number) => `${Math.ceil(bytes / 1e3)} kB`;
  const { bytes, journal } = s;
  const when = (note: Record<string, unknown> | null) =>
    note === null ? 'never' : new Date(Number(note['timeMs'])).toISOString();
  return [
    `${s.file}: format ${s.format}, ${kb(bytes.database)} + ${kb(bytes.log)} log, ` +
      `ballast ${kb(bytes.ballast)}`,
    `journal: ${journal.rows} transactions, ${journal.first} to ${journal.head}`,
    `rows: ${Object.entries(s.rows)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}`,
    ...s.characteristics.map((c) => `  ${c.id}: ${c.readings} readings, ${c.points} points`),
    ...s.cursors.map((c) => `  ${c.reader} at ${c.seq}, ${c.lag} behind`),
    ...s.beside.map((name) => `beside it: ${name}`),
    `last backup: ${when(s.lastBackup)}; last whole check: ${when(s.lastCheck)}`,
    ...(check === undefined ? [] : sayCheck(check)),
  ].join('\n');
}

const sayCheck = (c: Checked): string[] =>
  c.ok
    ? [`checked: ${c.journalRows} journal rows and ${c.chunks} chunks, all sound`]
    : c.found.map((text) => `DAMAGED: ${text}`);
