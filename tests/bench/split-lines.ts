import { createReadStream } from 'node:fs';

/** The baseline of P14: reads a text file and splits it into lines and cells, and nothing else. */
let rest = '';
let cells = 0;
for await (const chunk of createReadStream(process.argv[2] ?? '', { encoding: 'utf8' })) {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) cells += line.split(',').length;
}
process.stdout.write(`${cells} cells\n`);
