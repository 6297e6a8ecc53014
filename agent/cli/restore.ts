import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../runtime/errors.ts';
import { beforeUpgrade, restoreStore } from '../store/backup.ts';
import { StoreError } from '../store/errors.ts';
import { type Command, EXIT } from './command.ts';

/** Brings a backup back in the place of the store. */
export const restore: Command = {
  summary: 'put a backup, or the store from before an upgrade, in place',
  usage: '(FILE | --before-upgrade) [--data DIR] [--json]',
  help: [
    'FILE                a copy that meyar backup made',
    '--before-upgrade    the copy that was made before the store was last brought to a new format;',
    '                    afterwards start the older version of Meyar',
    '--data DIR          where the journal is kept (default: ./data)',
    '--json              {file, from, bytes, head, kept}',
    '',
    'The agent must be stopped. The backup is checked whole before anything is moved; the store that',
    'was there stays beside it as meyar.db.before-restore-N.',
    'exit code 0: done; 1: the backup is damaged; 2: it could not be done',
  ],
  example: 'meyar restore /mnt/usb/meyar/meyar-20260301T060000Z.db --data /var/lib/meyar',
  options: {
    'before-upgrade': { type: 'boolean' },
    data: { type: 'string', default: 'data' },
    json: { type: 'boolean' },
  },
  positionals: [0, 1],
  async run([named], values, terminal) {
    const dataDir = String(values['data']);
    const file = join(dataDir, 'meyar.db');
    const upgrade = values['before-upgrade'] === true;
    if (upgrade === (named !== undefined)) {
      throw new InputError('meyar restore: name either a backup file or --before-upgrade');
    }
    const from = named ?? beforeUpgrade(file);
    if (from === null) {
      throw new InputError(`meyar restore: ${dataDir} holds no copy from before an upgrade`);
    }
    try {
      mkdirSync(dataDir, { recursive: true, mode: 0o700 });
      const found = restoreStore(from, file, Math.floor(Math.random() * 2 ** 52).toString(36));
      const { bytes, head, kept } = found;
      const said = { file, from, bytes, head, kept };
      terminal.out(values['json'] === true ? JSON.stringify(said) : sayRestored(said));
      return EXIT.done;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      terminal.err(`meyar restore: ${error.message}`);
      return error.failure === 'damaged' ? EXIT.foundWrong : EXIT.badInput;
    }
  },
};

interface Said {
  file: string;
  from: string;
  bytes: number;
  head: number;
  kept: string | null;
}

function sayRestored({ file, from, bytes, head, kept }: Said): string {
  const before = kept === null ? 'there was no store before' : `the store before is now ${kept}`;
  return [
    `${file}: restored from ${from} (${Math.ceil(bytes / 1e3)} kB, up to transaction ${head})`,
    `  checked whole; ${before}`,
    '  readings after the backup come again where their source still holds them',
  ].join('\n');
}
