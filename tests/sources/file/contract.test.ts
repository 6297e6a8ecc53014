import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileSource } from '../../../agent/sources/file/index.ts';
import { settings } from '../../../agent/sources/file/settings.ts';
import type { SourceContext } from '../../../agent/sources/source.ts';
import { sourceContract } from '../../contracts/source.ts';
import { until } from '../../support/source-context.ts';

sourceContract('file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'meyar-drop-'));
  const source = (where: string, context: SourceContext) =>
    createFileSource(
      settings.parse({
        folder: where,
        every: '10ms',
        time: { path: 'time', unit: 'ms' },
        values: { od: 'od', 'depth.{cell}': 'depth' },
      }),
      context,
    );
  const out = join(folder, 'gauge.csv');
  let time = Date.now() - 60_000;
  appendFileSync(out, 'time,cell,od,depth\n');
  return {
    tags: ['od', 'depth.k7'],
    counters: ['files', 'lines', 'readings', 'badLines'],
    unreachable: (context) => source(join(folder, 'nowhere'), context),
    live: (context) => source(folder, context),
    ready: (live) => until(() => live.health().state === 'up', 'up'),
    produce() {
      time += 1000;
      appendFileSync(out, `${time},k7,21.9835,0.82\n`);
    },
    async close() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
});
