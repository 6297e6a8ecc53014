import type { Command } from './command.ts';

const WIDTH = 96;

/** What a command is for, how it is called, its options, and an example to copy. */
export function helpOf(name: string, command: Command): string {
  return [
    `meyar ${name}: ${command.summary}`,
    '',
    ...wrapped(`usage: meyar ${name} ${command.usage}`, / (?=\[|\||-)/, '       '),
    '',
    ...command.help.flatMap((line) => wrapped(`  ${line}`.trimEnd(), / /, hangingOf(line))),
    '',
    `example: ${command.example}`,
  ].join('\n');
}

/** Explanations stand in a column of their own; what is too long goes on below it. */
function hangingOf(line: string): string {
  const column = /^\S.*? {2,}/.exec(line)?.[0].length ?? 0;
  return ' '.repeat(2 + column);
}

function wrapped(text: string, between: RegExp, indent: string): string[] {
  if (text.length <= WIDTH) return [text];
  const [first = '', ...words] = text.trimStart().split(between);
  const lines = [text.slice(0, text.length - text.trimStart().length) + first];
  for (const word of words) {
    const line = `${lines.at(-1)} ${word}`;
    if (line.length <= WIDTH) lines[lines.length - 1] = line;
    else lines.push(indent + word);
  }
  return lines;
}
