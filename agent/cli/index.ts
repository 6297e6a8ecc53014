import { parseArgs } from 'node:util';
import { systemClock } from '../runtime/clock.ts';
import { InputError, messageOf } from '../runtime/errors.ts';
import { maskSecrets } from '../runtime/secrets.ts';
import { nearest } from '../settings/nearest.ts';
import { type Command, EXIT, type Terminal, type Values } from './command.ts';
import { helpOf } from './help.ts';
import { withNegatives } from './options.ts';
import { version } from './version.ts';

/**
 * The commands by name. Each is loaded when it is called: an agent that runs for months need not
 * hold what studies and reports are made with.
 */
export const commands: Record<string, () => Promise<Command>> = {
  run: async () => (await import('./run.ts')).run,
  demo: async () => (await import('./demo.ts')).demo,
  check: async () => (await import('./check.ts')).check,
  plan: async () => (await import('./plan.ts')).plan,
  test: async () => (await import('./test.ts')).test,
  probe: async () => (await import('./probe.ts')).probe,
  discover: async () => (await import('./discover.ts')).discover,
  doctor: async () => (await import('./doctor.ts')).doctor,
  advise: async () => (await import('./advise.ts')).advise,
  study: async () => (await import('./study.ts')).study,
  msa: async () => (await import('./msa.ts')).msa,
  replay: async () => (await import('./replay.ts')).replay,
  validate: async () => (await import('./validate.ts')).validate,
  schema: async () => (await import('./schema.ts')).schema,
  user: async () => (await import('./user.ts')).user,
  backup: async () => (await import('./backup.ts')).backup,
  restore: async () => (await import('./restore.ts')).restore,
  update: async () => (await import('./update.ts')).update,
  inspect: async () => (await import('./inspect.ts')).inspect,
};

/** Runs one command line; resolves to the exit code. */
export async function runCommand(
  argv: readonly string[],
  terminal: Terminal = systemTerminal(),
): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    terminal.out(await overview());
    return name === undefined ? EXIT.badInput : EXIT.done;
  }
  if (name === '--version') {
    terminal.out(`meyar ${version()}`);
    return EXIT.done;
  }
  const load = commands[name];
  if (load === undefined) {
    const close = nearest(name, Object.keys(commands));
    const hint = close ? `did you mean 'meyar ${close}'?` : "see 'meyar --help'";
    terminal.err(`meyar: there is no command '${name}' — ${hint}`);
    return EXIT.badInput;
  }
  return runOne(name, await load(), rest, terminal);
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

async function overview(): Promise<string> {
  const rows = await Promise.all(
    Object.entries(commands).map(
      async ([name, load]) => `  ${name.padEnd(8)} ${(await load()).summary}`,
    ),
  );
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
    lastWords(listener) {
      process.on('uncaughtException', (error) => {
        listener(error);
        // What the program thinks of itself no longer holds: the journal does, the next start too.
        process.exit(EXIT.foundWrong);
      });
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
