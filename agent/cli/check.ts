import { readFileSync } from 'node:fs';
import { InputError, sayUnreadable } from '../runtime/errors.ts';
import { readSettings, sayProblems } from '../settings/load.ts';
import { type Command, EXIT } from './command.ts';

/** Checks a settings file and prints every problem at once. */
export const check: Command = {
  summary: 'check a settings file and print every problem at once',
  usage: 'FILE [--json]',
  help: [
    'FILE     the settings file (YAML)',
    '--json   print {ok, problems: [{file, line, column, message, hint}]}',
    '',
    'exit code 0: nothing wrong; 2: problems were found',
  ],
  example: 'meyar check config/ravi-auto-shafts.yaml',
  options: { json: { type: 'boolean' } },
  positionals: [1, 1],
  async run([file = ''], values, terminal) {
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      throw new InputError(`${file}: ${sayUnreadable(error)}`);
    }
    const { settings, problems } = readSettings(text, file, terminal.env);
    if (values['json'] === true) {
      const list = problems.map((p) => ({ file, ...p }));
      terminal.out(JSON.stringify({ ok: settings !== null, problems: list }));
    } else if (settings === null) {
      terminal.err(sayProblems(problems, file));
      terminal.err(`${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`);
    } else {
      const n = (record: object, one: string) => {
        const count = Object.keys(record).length;
        return `${count} ${one}${count === 1 ? '' : 's'}`;
      };
      terminal.out(
        `${file}: nothing wrong: ${n(settings.sources, 'source')}, ` +
          `${n(settings.characteristics, 'characteristic')}, ${n(settings.sinks, 'sink')}, ` +
          `${n(settings.alerts.channels, 'channel')}`,
      );
    }
    return settings === null ? EXIT.badInput : EXIT.done;
  },
};
