import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

// The start of a process is mostly loading: agents and workers share what was compiled once.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('.cache/compile', import.meta.url));

/** Formulas and reducers: no thread, process, socket or memory counted; they share workers. */
export const PURE = [
  'tests/{cases,charts,evidence,features,golden,rules,settings,spc,subgroups}/**/*.test.ts',
  'tests/core/!(disk-fails|full-disk|loop|stays-small).test.ts',
  'tests/batch.test.ts',
];

/** Those that take longest begin first, so that nobody waits for one at the end. */
const LONG = ['simulation', 'agent/faults', 'browser', 'plants/skipped', 'agent', 'cli', 'console'];

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId, project }: TestSpecification) => {
      const found = LONG.findIndex((part) => moduleId.includes(`/tests/${part}`));
      // Workers are shared by files that come one behind another: short ones, at the end.
      return project.config.isolate
        ? (found + LONG.length + 1) % (LONG.length + 1)
        : LONG.length + 1;
    };
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    // Bounds against hanging, not promises of speed: a machine may be busy with other things.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Most tests wait for other programs: one worker for every core.
    maxWorkers: '100%',
    sequence: { sequencer: LongFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'real',
          include: ['tests/**/*.test.ts'],
          exclude: PURE,
          globalSetup: 'tests/support/run-folder.ts',
        },
      },
      { extends: true, test: { name: 'pure', include: PURE, isolate: false } },
    ],
  },
});
