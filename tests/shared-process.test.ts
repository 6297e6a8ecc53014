import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { PURE } from '../vitest.config.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** What one file could leave behind for the next in its process. */
const LEAVES = [
  /\bvi\.(mock|spyOn|stub|useFakeTimers|setSystemTime)/,
  /process\.(chdir|on|once)\(|process\.env\[[^\]]+\]\s*=(?!=)|globalThis\.\w+\s*=(?!=)/,
  /from 'node:(child_process|cluster|dgram|http|net|tls|worker_threads)'/,
];

it('test files that share a process leave nothing behind in it', () => {
  const files = globSync([...PURE], { cwd: ROOT });
  expect(files.length).toBeGreaterThan(50);
  const found = files.filter((file) => {
    const text = readFileSync(`${ROOT}${file}`, 'utf8');
    return LEAVES.some((pattern) => pattern.test(text));
  });
  expect(found).toEqual([]);
});
