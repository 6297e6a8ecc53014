import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InputError, messageOf } from '../runtime/errors.ts';
import { type Backup, backupName, backupStore, rotateBackups } from '../store/backup.ts';
import { StoreError } from '../store/errors.ts';
import { writeNote } from '../store/files.ts';
import { type Command, EXIT } from './command.ts';
import { numberOption } from './options.ts';
import { type Recomputed, recomputeTail } from './recompute.ts';

/** A verified copy of the store, while the agent runs or not. */
export const backup: Command = {
  summary: 'copy the store while the agent runs, and prove that the copy can be used',
  usage: '[--data DIR] (--out FILE | --to DIR [--keep N]) [--json]',
  help: [
    '--data DIR          where the journal is kept (default: ./data)',
    '--out FILE          the copy; it must not exist yet',
    '--to DIR            a folder of copies: meyar-<time>.db is added to it',
    '--keep N            with --to: so many copies stay; the oldest goes once the new one is proven',
    '--json              {file, bytes, head, journalRows, chunks, recomputed, removed}',
    '',
    'The copy is opened, every page, journal row and history chunk is checked, and what came last is',
    'computed again and compared. Only then it has its name and counts as a backup.',
    'exit code 0: done; 1: the store or its copy is damaged; 2: it could not be made',
  ],
  example: 'meyar backup --data /var/lib/meyar --to /mnt/usb/meyar --keep 7',
  options: {
    data: { type: 'string', default: 'data' },
    out: { type: 'string' },
    to: { type: 'string' },
    keep: { type: 'string' },
    json: { type: 'boolean' },
  },
  positionals: [0, 0],
  async run(_positionals, values, terminal) {
    const { out, to } = values;
    const keep = numberOption(values, 'keep');
    if ((typeof out === 'string') === (typeof to === 'string')) {
      throw new InputError('meyar backup: name either a file with --out or a folder with --to');
    }
    if (keep !== null && (typeof to !== 'string' || keep < 1)) {
      throw new InputError('meyar backup: --keep needs a folder (--to) and at least 1');
    }
    const store = join(String(values['data']), 'meyar.db');
    if (typeof to === 'string') makeFolder(to);
    const target = typeof out === 'string' ? out : backupName(String(to), terminal.clock.now());
    let recomputed: Recomputed | undefined;
    const made = done(() =>
      backupStore(store, target, (copy) => {
        recomputed = recomputeTail(copy);
        const [first] = recomputed.differences;
        if (first !== undefined) throw new StoreError('damaged', `${copy}: ${first}`);
      }),
    );
    if (typeof made === 'string') {
      terminal.err(`meyar backup: ${made}`);
      return EXIT.foundWrong;
    }
    const { bytes, head, journalRows, chunks } = made;
    const timeMs = terminal.clock.now();
    note(`${store}.backup.json`, { file: resolve(target), bytes, head, timeMs }, terminal.err);
    const removed = keep === null ? [] : rotateBackups(String(to), keep);
    const said = { file: target, bytes, head, journalRows, chunks, recomputed, removed };
    terminal.out(values['json'] === true ? JSON.stringify(said) : sayBackup(said));
    return EXIT.done;
  },
};

/** What was found damaged, in words; everything else that goes wrong is the caller's to mend. */
function done(make: () => Backup): Backup | string {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (error.failure === 'damaged') return error.message;
    throw new InputError(`meyar backup: ${error.message}`);
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new InputError(`meyar backup: the folder ${folder} cannot be used: ${messageOf(error)}`);
  }
}

/** The backup is good, even where this user may not write beside the store. */
function note(path: string, value: object, say: (text: string) => void): void {
  try {
    writeNote(path, value);
  } catch (error) {
    say(`meyar backup: not noted beside the store: ${messageOf(error)}`);
  }
}

interface Said extends Pick<Backup, 'bytes' | 'head' | 'journalRows' | 'chunks'> {
  file: string;
  recomputed: Recomputed | undefined;
  removed: string[];
}

function sayBackup({ file, bytes, head, journalRows, chunks, recomputed, removed }: Said): string {
  return [
    `${file}: ${Math.ceil(bytes / 1e3)} kB, up to transaction ${head}`,
    `  opened and checked: ${journalRows} journal rows, ${chunks} history chunks`,
    `  computed again: ${recomputed?.transactions ?? 0} transactions, the same`,
    ...removed.map((name) => `  removed: ${name}`),
  ].join('\n');
}
