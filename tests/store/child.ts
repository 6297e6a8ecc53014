/**
 * A writer that is killed: commits as fast as it can and says after each commit what is durable.
 * Transaction n has the frame n, one point, and readings n·10 … n·10 + 9 of three characteristics;
 * every seventh saves the state. Arguments: file, most transactions.
 */
import { StoreError } from '../../agent/store/errors.ts';
import { openWriter } from '../../agent/store/writer.ts';
import { batch, point } from './support.ts';

const [file = '', most = '1000000'] = process.argv.slice(2);
const writer = openWriter(file, { monotonic: () => performance.now() });
writer.numbers(['od', 'bore', 'runout']);

/** The readings of a transaction, through the same calls in a replay and in normal running. */
function feed(n: number): void {
  for (let i = 0; i < 30; i += 1) {
    const k = 10 * n + Math.floor(i / 3);
    writer.reading(i % 3, 1000 * k, (k % 97) / 100, 0, k);
  }
}

const { seq } = writer.loadState();
for (const frame of writer.frames(seq)) if (frame.kind === 'batch') feed(frame.seq);
process.stdout.write(`open ${writer.head()} ${writer.opened.quarantined}\n`);
try {
  while (writer.head() < Number(most)) {
    const n = writer.begin(1.75e12);
    writer.frame('batch', batch(0, Array(200).fill(n), n));
    feed(n);
    writer.point(point(n));
    if (n % 7 === 0) writer.saveState([['n', String(n)]]);
    writer.commit();
    process.stdout.write(`${n}\n`);
  }
  writer.close();
} catch (error) {
  if (!(error instanceof StoreError)) throw error;
  process.stdout.write(`failed ${error.failure} ${writer.head()}\n`);
}
