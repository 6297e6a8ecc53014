import { type CaseFile, loadCases } from '../../agent/evidence/validation/cases.ts';
import { runCase } from '../../agent/evidence/validation/run-cases.ts';

/**
 * `npm run golden -- DIR`: checks the engine against a folder of reference cases. Ends with
 * `N passed, M failed`; exit code 0 all passed, 1 something failed, 2 no such folder.
 */
function main(): number {
  const folder = process.argv[2];
  if (folder === undefined || folder.startsWith('-')) {
    console.error('usage: npm run golden -- DIR     e.g. npm run golden -- ../shared/golden');
    return 2;
  }
  let cases: CaseFile[];
  try {
    cases = loadCases(folder);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 2;
  }
  return report(cases);
}

function report(cases: CaseFile[]): number {
  let passed = 0;
  let failed = 0;
  const notServed = new Map<string, number>();
  for (const one of cases) {
    const outcome = runCase(one);
    if (outcome.status === 'passed') passed += 1;
    if (outcome.status === 'not served') {
      notServed.set(one.content.kind, (notServed.get(one.content.kind) ?? 0) + 1);
    }
    if (outcome.status !== 'failed') continue;
    failed += 1;
    if (outcome.error !== null) console.log(`${one.file}: ${outcome.error}`);
    for (const { path, expected, actual, allowed } of outcome.mismatches) {
      const both = `expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`;
      console.log(`${one.file} ${path}: ${both}, allowed ${allowed}`);
    }
  }
  for (const [kind, count] of notServed) console.log(`not served: ${kind} (${count})`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

process.exitCode = main();
