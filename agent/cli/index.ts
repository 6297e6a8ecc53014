import { parseArgs } from 'node:util';
import { systemClock } from '../runtime/clock.ts';
import { InputError, messageOf } from '../runtime/errors.ts';
import { maskSecrets } from '../runtime/secrets.ts';
import { nearest } from '../settings/nearest.ts';
import { advise } from './advise.ts';
import { backup } from './backup.ts';
import { check } from './check.ts';
import { type Command, EXIT, type Terminal, type Values } from './command.ts';
import { demo } from './demo.ts';
import { discover } from './discover.ts';
import { doctor } from './doctor.ts';
import { helpOf } from './help.ts';
import { inspect } from './inspect.ts';
import { msa } from './msa.ts';
import { withNegatives } from './options.ts';
import { plan } from './plan.ts';
import { probe } from './probe.ts';
import { replay } from './replay.ts';
import { restore } from './restore.ts';
import { run } from './run.ts';
import { schema } from './schema.ts';
import { study } from './study.ts';
import { test } from './test.ts';
import { user } from './user.ts';
import { validate } from './validate.ts';
import { version } from './version.ts';

/** The commands by name. */
export const commands: Record<string, Command> = {
  run,
  demo,
  check,
  plan,
  test,
  probe,
  discover,
  doctor,
  advise,
  study,
  msa,
  replay,
  validate,
  schema,
  user,
  backup,
  restore,
  inspect,
};

/** Runs one command line; resolves to the exit code. */
export async function runCommand(
  argv: readonly string[],
  terminal: Terminal = systemTerminal(),
): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    terminal.out(overview());
    return name === undefined ? EXIT.badInput : EXIT.done;
  }
  if (name === '--version') {
    terminal.out(`meyar ${version()}`);
    return EXIT.done;
  }
  const command = commands[name];
  if (command === undefined) {
    const close = nearest(name, Object.keys(commands));
    const hint = close ? `did you mean 'meyar ${close}'?` : "see 'meyar --help'";
    terminal.err(`meyar: there is no command '${name}' — ${hint}`);
    return EXIT.badInput;
  }
  return runOne(name, command, rest, terminal);
}

async function runOne(
  name: string,
  command: Command,
  args: string[],
  terminal: Terminal,
): Promise<number> {
  let values: Values;
  let positionals: string[];
  try {
    const options = { ...command.options, help: { type: 'boolean' as const, short: 'h' } };
    const parsed = parseArgs({
      args: withNegatives(args),
      options,
      allowPositionals: true,
      strict: true,
    });
    values = parsed.values as Values;
    positionals = parsed.positionals;
  } catch (error) {
    terminal.err(`meyar ${name}: ${sayOption(messageOf(error), name, command)}`);
    return EXIT.badInput;
  }
  if (values['help'] === true) {
    terminal.out(helpOf(name, command));
    return EXIT.done;
  }
  const [least, most] = command.positionals;
  if (positionals.length < least || positionals.length > most) {
    terminal.err(`meyar ${name}: usage: meyar ${name} ${command.usage}`);
    return EXIT.badInput;
  }
  try {
    return await command.run(positionals, values, terminal);
  } catch (error) {
    terminal.err(
      error instanceof InputError ? error.message : `meyar ${name}: ${messageOf(error)}`,
    );
    return error instanceof InputError ? EXIT.badInput : EXIT.foundWrong;
  }
}

/** The parser's words, and which option may have been meant. */
function sayOption(message: string, name: string, command: Command): string {
  const see = `see 'meyar ${name} --help'`;
  const unknown = /^Unknown option '(-[^']*)'/.exec(message)?.[1];
  if (unknown === undefined) return `${message} — ${see}`;
  const known = [...Object.keys(command.options), 'help'].map((option) => `--${option}`);
  const close = nearest(unknown, known);
  return `there is no option '${unknown}' — ${close ? `did you mean '${close}'?` : see}`;
}

function overview(): string {
  const rows = Object.entries(commands).map(([name, c]) => `  ${name.padEnd(8)} ${c.summary}`);
  return [
    'meyar: statistical process control for the shop floor',
    '',
    'usage: meyar COMMAND [OPTIONS]',
    '',
    ...rows,
    '',
    "'meyar COMMAND --help' shows the options and an example.",
  ].join('\n');
}

function systemTerminal(): Terminal {
  let asked: Promise<void> | undefined;
  return {
    out: (text) => process.stdout.write(`${maskSecrets(text)}\n`),
    err: (text) => process.stderr.write(`${maskSecrets(text)}\n`),
    env: process.env,
    clock: systemClock,
    reloads(listener) {
      process.on('SIGHUP', listener);
      return () => process.off('SIGHUP', listener);
    },
    interrupted: () => (asked ??= askedToEnd()),
  };
}

/** Resolves at SIGINT or SIGTERM; from then on a second one ends the process at once. */
function askedToEnd(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      resolve();
      // Asked twice means now: the journal makes that safe.
      process.once('SIGINT', () => process.exit(130));
      process.once('SIGTERM', () => process.exit(143));
    };
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
  });
}
