import { join, sep } from 'node:path';
import { InputError } from '../runtime/errors.ts';
import { beforeUpgrade, restoreStore, storeFormat } from '../store/backup.ts';
import { installRelease, rollBack, wayBack } from '../update/update.ts';
import { type Command, EXIT, type Terminal, type Values } from './command.ts';
import { projectFile } from './version.ts';

/** A new version from a file, checked; and the way back. */
export const update: Command = {
  summary: 'install a signed release from a file or a stick, or go back to the version before',
  usage: '(--from FILE|DIR [--key FILE] [--check] | --rollback [--data DIR]) [--into DIR] [--json]',
  help: [
    '--from FILE|DIR   a meyar-VERSION.release with its archive beside it, or their folder',
    '--key FILE        public keys (PEM) of those who make releases; default: the release-key.pub',
    '                  that came with the installed version',
    '--check           say whether the release is good, and change nothing',
    '--rollback        the version before runs again; with --data also its store, when the newer',
    '                  version brought that to a newer format',
    '--data DIR        the data folder of the agent, for --rollback',
    '--into DIR        folder of the installed versions (default: where this program lies)',
    '--json            {version, before, folder} or {version, left, folder, store}',
    '',
    'Refused: a release that nobody trusted signed, that was cut short or changed, that is older than',
    'what is installed. The agent may run meanwhile; the new version runs from its next start on.',
    'exit code 0: done; 2: refused, nothing was changed',
  ],
  example: 'meyar update --from /mnt/usb --into /opt/meyar',
  options: {
    from: { type: 'string' },
    key: { type: 'string' },
    check: { type: 'boolean' },
    rollback: { type: 'boolean' },
    data: { type: 'string' },
    into: { type: 'string' },
    json: { type: 'boolean' },
  },
  positionals: [0, 0],
  async run(_words, values, terminal) {
    const from = values['from'];
    const back = values['rollback'] === true;
    if (back === (typeof from === 'string')) {
      throw new InputError('meyar update: name either --from FILE|DIR or --rollback');
    }
    const folder = folderOf(values);
    if (typeof from === 'string') return install(from, folder, values, terminal);
    return goBack(folder, values, terminal);
  },
};

async function install(from: string, folder: string, values: Values, terminal: Terminal) {
  const keyFile = typeof values['key'] === 'string' ? values['key'] : null;
  const checkOnly = values['check'] === true;
  const { about, before } = await installRelease({ from, place: { folder }, keyFile, checkOnly });
  const { version } = about;
  if (values['json'] === true) terminal.out(JSON.stringify({ version, before, folder }));
  else if (checkOnly) terminal.out(`${version}: signed by a key that is trusted here, and whole`);
  else terminal.out(sayInstalled(version, before, folder));
  return EXIT.done;
}

function sayInstalled(version: string, before: string | null, folder: string): string {
  const way = before === null ? [] : [`  back to ${before}: meyar update --rollback --data DIR`];
  return [
    `${version}: installed in ${folder}; it runs from the next start of the agent on`,
    '  now: systemctl restart meyar',
    ...way,
  ].join('\n');
}

async function goBack(folder: string, values: Values, terminal: Terminal): Promise<number> {
  const { version, about } = wayBack({ folder });
  const dataDir = values['data'];
  // First the store: it refuses while an agent holds it, and then nothing was changed.
  const store = typeof dataDir === 'string' ? storeBack(dataDir, version, about?.store) : null;
  const { left } = await rollBack({ folder });
  if (values['json'] === true) {
    terminal.out(JSON.stringify({ version, left, folder, store }));
    return EXIT.done;
  }
  terminal.out(
    `${version}: runs again from the next start of the agent on; ${left} stays beside it`,
  );
  if (store !== null)
    terminal.out(`  the store from before the upgrade is back; the newer: ${store}`);
  return EXIT.done;
}

/** Brings the store back when the older version could not read it; resolves to where it is now. */
function storeBack(dataDir: string, version: string, reads: number | undefined): string | null {
  const file = join(dataDir, 'meyar.db');
  const format = storeFormat(file);
  if (format === null || reads === undefined || format <= reads) return null;
  const copy = beforeUpgrade(file);
  if (copy === null || (storeFormat(copy) ?? 0) > reads) {
    throw new InputError(
      `${file} has format ${format}, ${version} reads up to ${reads}, and there is no copy from ` +
        'before the upgrade: nothing was changed',
    );
  }
  return restoreStore(copy, file, Math.floor(Math.random() * 2 ** 52).toString(36)).kept;
}

/** `/opt/meyar` for a program in `/opt/meyar/versions/1.2.3`. */
function folderOf(values: Values): string {
  const into = values['into'];
  if (typeof into === 'string') return into;
  const parts = projectFile('.')
    .split(sep)
    .filter((part) => part !== '' && part !== '.');
  if (parts.at(-2) === 'versions') return sep + parts.slice(0, -2).join(sep);
  throw new InputError('this program was not installed by meyar update: name a folder with --into');
}
