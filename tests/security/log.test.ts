import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const LOG = fileURLToPath(new URL('../../agent/runtime/log.ts', import.meta.url));
const SECRETS = fileURLToPath(new URL('../../agent/runtime/secrets.ts', import.meta.url));

/** Names that would break a line, move a cursor, recolour a terminal or turn the text around. */
const EVIL = [
  'tag\r\n{"level":30,"event":"all-is-well"}',
  'tag\u001b[2J\u001b]0;owned\u0007',
  'tag\u009b31m',
  'tag\u0000\u0008\u007f',
  'tag\u2028next\u2029next',
  'tag\u202egnirts\u2066',
];

it('a name with line breaks, escapes or turned text stays one line of plain signs', async () => {
  const script = `
    const { createLog } = await import(${JSON.stringify(LOG)});
    const { learnSecrets } = await import(${JSON.stringify(SECRETS)});
    learnSecrets(['geheim-123']);
    const log = createLog('info');
    for (const tag of ${JSON.stringify(EVIL)}) log.child({ tag }).warn('tag-' + tag, { text: tag });
    log.error('failed', { reason: 'wrong: geheim-123', password: 'other' });
  `;
  const words = ['--input-type=module', '-e', script];
  const { stderr } = await promisify(execFile)(process.execPath, words);
  const lines = stderr.split('\n').slice(0, -1);
  expect(lines).toHaveLength(EVIL.length + 1);
  expect(stderr.replaceAll('\n', '')).toMatch(/^[\u0020-\u007e]*$/);
  lines.slice(0, -1).forEach((line, i) => {
    // Nothing is lost: a reader of JSON gets the name as it was.
    expect(JSON.parse(line)).toMatchObject({ tag: EVIL[i], text: EVIL[i], level: 40 });
  });
  expect(lines.at(-1)).not.toMatch(/geheim|other/);
});
