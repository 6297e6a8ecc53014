import { writeFileSync } from 'node:fs';
import { adapters } from '../evidence/validation/adapters/index.ts';
import { loadCaseLists, loadCases } from '../evidence/validation/cases.ts';
import { ownKinds } from '../evidence/validation/own-kinds.ts';
import { recordPdf } from '../evidence/validation/pdf.ts';
import { studyKinds } from '../evidence/validation/study-kinds.ts';
import { type CaseSet, validate as runValidation } from '../evidence/validation/validate.ts';
import { recordText } from '../evidence/validation/words.ts';
import { createRandom } from '../plants/random.ts';
import { InputError, messageOf } from '../runtime/errors.ts';
import { type Command, EXIT } from './command.ts';
import { projectFile, version } from './version.ts';

/** Published numbers computed again on the installed program. */
export const validate: Command = {
  summary: 'compute published numbers again and write a validation record',
  usage: '[--json] [--pdf FILE] [--data DIR]',
  help: [
    '--pdf FILE   write the record as PDF, to sign and to file',
    '--data DIR   also a folder of reference cases (<kind>/<name>.json)',
    '--json       print one object',
    '',
    'exit code 0: everything agrees; 1: something does not; 2: bad input',
  ],
  example: 'meyar validate --pdf validation.pdf',
  options: {
    json: { type: 'boolean' },
    pdf: { type: 'string' },
    data: { type: 'string' },
  },
  positionals: [0, 0],
  async run(_positionals, values, terminal) {
    const sets: CaseSet[] = loadCaseLists(projectFile('config/validation'));
    const folder = values['data'];
    if (typeof folder === 'string') sets.push(reference(folder));
    const own = ownKinds((seed) => createRandom(seed).normal);
    const kinds = { ...adapters, ...own, ...studyKinds };
    const record = runValidation(sets, kinds, {
      program: 'Meyar',
      version: version(),
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      timeMs: terminal.clock.now(),
    });
    if (typeof values['pdf'] === 'string') await writePdf(values['pdf'], await recordPdf(record));
    terminal.out(values['json'] === true ? JSON.stringify(record) : recordText(record));
    return record.verdict === 'passed' ? EXIT.done : EXIT.foundWrong;
  },
};

function reference(folder: string): CaseSet {
  try {
    const cases = loadCases(folder).map((one) => one.content);
    return { title: 'Reference cases', cases };
  } catch (error) {
    throw new InputError(`--data: ${messageOf(error)}`);
  }
}

async function writePdf(file: string, bytes: Buffer): Promise<void> {
  try {
    writeFileSync(file, bytes);
  } catch (error) {
    throw new InputError(`--pdf ${file}: cannot be written: ${messageOf(error)}`);
  }
}
