import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { MIGRATIONS } from '../../agent/store/migrations.ts';
import { openWriter } from '../../agent/store/writer.ts';
import { makeRelease, pack, releaseFiles } from '../../agent/update/pack.ts';
import { compareVersions, seal } from '../../agent/update/statement.ts';
import { tarBlocks } from '../../agent/update/tar.ts';
import { installRelease } from '../../agent/update/update.ts';
import { meyar } from '../support/terminal.ts';
import { folder, keyPair, project, release } from './releases.ts';

const keys = keyPair();
let into: string;
let keyFile: string;
beforeEach(() => {
  into = folder();
  keyFile = join(into, 'given.pub');
  writeFileSync(keyFile, keys.publicPem);
});

const update = (from: string, ...more: string[]) =>
  meyar('update', '--from', from, '--into', into, ...more);
const first = (version: string, store?: number) =>
  update(release(version, keys, store).out, '--key', keyFile);
/** What the installed program says of itself: it is run, not looked at. */
const runs = () =>
  execFileSync(process.execPath, [join(into, 'current/dist/agent/main.js')])
    .toString()
    .trim();
const versions = () => readdirSync(join(into, 'versions')).sort();

describe('a release', () => {
  it('of the same files has the same bytes, whatever their times, rights and order', () => {
    const [one, other] = [project('1.0.0', keys.publicPem), project('1.0.0', keys.publicPem, -1)];
    const files = releaseFiles(one);
    expect(releaseFiles(other)).toEqual(files);
    expect(pack(one, files).equals(pack(other, files))).toBe(true);
    expect(files.filter((path) => /tool\/package|absent|env|lock/.test(path))).toEqual([]);
    const [a, b] = [release('1.0.0', keys), release('1.0.0', keys)];
    expect(readFileSync(a.statement, 'utf8')).toBe(readFileSync(b.statement, 'utf8'));
    expect(readFileSync(a.archive).equals(readFileSync(b.archive))).toBe(true);
  });

  it('is a tar archive for everybody', () => {
    const { archive } = release('1.0.0', keys);
    const listed = execFileSync('tar', ['-tvzf', archive]).toString();
    expect(listed).toMatch(/-rw-r--r-- 0\/0 .* 1970-01-01 .* dist\/agent\/main\.js/);
    expect(listed).toMatch(/-rwxr-xr-x .* node_modules\/pack\/bin\/tool\.js/);
    expect(listed).toMatch(/(a-long-name\/){9}file\.js/);
  });

  it('is not made of packages that the lock file does not name', () => {
    const root = project('1.0.0', keys.publicPem);
    writeFileSync(join(root, 'node_modules/pack/package.json'), '{"version":"1.0.1"}');
    expect(() => releaseFiles(root)).toThrow(/pack is 1\.0\.1, not 1\.0\.0: run npm ci/);
  });
});

it('is not made with a key that the installed version could not check the next one by', () => {
  const root = project('1.0.0', keyPair().publicPem);
  expect(() => makeRelease(root, keys.privatePem, 5, folder())).toThrow(/does not hold the public/);
});

describe('an update', () => {
  it('is checked, put in place, and the version before stays; one command brings it back', async () => {
    expect((await first('1.0.0')).code).toBe(0);
    expect(runs()).toBe('1.0.0');
    const next = release('1.1.0', keys);
    const looked = await update(next.statement, '--check');
    expect([looked.code, runs()]).toEqual([0, '1.0.0']);
    const done = await update(next.out);
    expect([done.code, done.out]).toEqual([0, expect.stringContaining('back to 1.0.0')]);
    expect(runs()).toBe('1.1.0');
    expect((await update(release('1.2.0', keys).archive)).code).toBe(0);
    expect([runs(), versions()]).toEqual(['1.2.0', ['1.1.0', '1.2.0']]);
    const back = await meyar('update', '--rollback', '--into', into, '--json');
    expect(JSON.parse(back.out)).toMatchObject({ version: '1.1.0', left: '1.2.0', store: null });
    expect(runs()).toBe('1.1.0');
    expect((await update(release('1.2.0', keys).out)).code).toBe(0);
    expect(runs()).toBe('1.2.0');
    expect(readdirSync(into).sort()).toEqual(['current', 'given.pub', 'previous', 'versions']);
  });

  it('takes the newest of a folder by its number, not by its letters', async () => {
    const all = release('1.9.0', keys);
    for (const file of readdirSync(release('1.10.0', keys).out)) expect(file).toMatch(/1\.10\.0/);
    const newer = release('1.10.0', keys);
    for (const name of readdirSync(newer.out)) {
      writeFileSync(join(all.out, name), readFileSync(join(newer.out, name)));
    }
    expect((await update(all.out, '--key', keyFile)).code).toBe(0);
    expect(runs()).toBe('1.10.0');
    expect(compareVersions('1.10.0', '1.9.9')).toBeGreaterThan(0);
  });
});

describe('refused, and nothing changed:', () => {
  const attacks: [string, RegExp, (r: ReturnType<typeof release>) => void][] = [
    [
      'signed by somebody else',
      /not signed with a key that is trusted/,
      ({ statement }) => {
        const said = JSON.parse(
          Buffer.from(JSON.parse(readFileSync(statement, 'utf8')).payload, 'base64').toString(),
        );
        writeFileSync(statement, seal(said, keyPair().privateKey));
      },
    ],
    [
      'another version written into it',
      /not signed with a key that is trusted/,
      ({ statement }) => {
        const outer = JSON.parse(readFileSync(statement, 'utf8'));
        const said = JSON.parse(Buffer.from(outer.payload, 'base64').toString());
        const payload = Buffer.from(JSON.stringify({ ...said, version: '9.9.9' })).toString(
          'base64',
        );
        writeFileSync(statement, JSON.stringify({ ...outer, payload }));
      },
    ],
    [
      'another type of the same bytes',
      /not signed with a key that is trusted/,
      ({ statement }) => {
        const outer = JSON.parse(readFileSync(statement, 'utf8'));
        writeFileSync(statement, JSON.stringify({ ...outer, payloadType: 'text/plain' }));
      },
    ],
    [
      'without a signature',
      /no \.release file of Meyar/,
      ({ statement }) => {
        const outer = JSON.parse(readFileSync(statement, 'utf8'));
        writeFileSync(statement, JSON.stringify({ ...outer, signatures: [] }));
      },
    ],
    [
      'cut short',
      /cannot be used: unexpected end of file/,
      ({ archive }) => {
        const bytes = readFileSync(archive);
        writeFileSync(archive, bytes.subarray(0, bytes.length - 20));
      },
    ],
    [
      'a file changed in the archive',
      /is not what was signed/,
      ({ archive }) => {
        const tar = gunzipSync(readFileSync(archive));
        tar.write('evil', tar.indexOf("console.log('2.0.0')"));
        writeFileSync(archive, gzipSync(tar));
      },
    ],
    [
      'a file put behind the archive',
      /longer than its statement says/,
      ({ archive }) => {
        const more = tarBlocks({ path: 'x', executable: false, bytes: Buffer.from('x') });
        writeFileSync(archive, gzipSync(Buffer.concat([gunzipSync(readFileSync(archive)), more])));
      },
    ],
    [
      'a bomb of zeros',
      /longer than its statement says/,
      ({ archive }) => {
        writeFileSync(archive, gzipSync(Buffer.alloc(50_000_000)));
      },
    ],
    ['no archive', /cannot be used: ENOENT/, ({ archive }) => rmSync(archive)],
    ['no statement', /does not exist/, ({ statement }) => rmSync(statement)],
    [
      'a statement that is no JSON',
      /no \.release file of Meyar/,
      ({ statement }) => {
        writeFileSync(statement, 'x'.repeat(1000));
      },
    ],
  ];
  it.each(attacks)('%s', async (_name, words, spoil) => {
    await first('1.0.0');
    const made = release('2.0.0', keys);
    spoil(made);
    const said = await update(made.statement);
    expect([said.code, said.err]).toEqual([2, expect.stringMatching(words)]);
    expect([runs(), versions()]).toEqual(['1.0.0', ['1.0.0']]);
    expect(readdirSync(into).sort()).toEqual(['current', 'given.pub', 'versions']);
  });

  it('an older one, the same one, and one for a newer Node', async () => {
    await first('1.5.0');
    const older = await update(release('1.4.9', keys).out);
    expect([older.code, older.err]).toEqual([
      2,
      expect.stringMatching(/older than the installed 1\.5/),
    ]);
    const same = await update(release('1.5.0', keys).out);
    expect([same.code, same.err]).toEqual([2, expect.stringMatching(/installed already/)]);
    const made = release('2.0.0', keys);
    const outer = JSON.parse(readFileSync(made.statement, 'utf8'));
    const said = JSON.parse(Buffer.from(outer.payload, 'base64').toString());
    writeFileSync(made.statement, seal({ ...said, node: '99.0.0' }, keys.privateKey));
    const newer = await update(made.out);
    expect([newer.code, newer.err]).toEqual([2, expect.stringMatching(/needs Node 99\.0\.0/)]);
    expect(runs()).toBe('1.5.0');
  });

  it('a key that comes with the release, a key of another kind, and no key', async () => {
    await first('1.0.0');
    const theirs = keyPair();
    // Its own release-key.pub is inside: it counts only once one that is trusted has signed it.
    const forged = await update(release('2.0.0', theirs).out);
    expect(forged.code).toBe(2);
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
    writeFileSync(keyFile, rsa.export({ type: 'spki', format: 'pem' }));
    const kind = await update(release('2.0.0', keys).out, '--key', keyFile);
    expect([kind.code, kind.err]).toEqual([2, expect.stringMatching(/no Ed25519 public key/)]);
    into = folder();
    const none = await update(release('2.0.0', keys).out);
    expect([none.code, none.err]).toEqual([2, expect.stringMatching(/with --key/)]);
  });

  it.each(['../outside', '/etc/cron.d/x', 'a/../../outside', 'a//b', 'a\\b', './a'])(
    'a path that leads elsewhere, although it is signed: %s',
    async (path) => {
      const good = tarBlocks({ path: 'aaaa', executable: false, bytes: Buffer.from('x') });
      const header = Buffer.from(good);
      header.fill(0, 0, 100).write(path, 0);
      header.fill(0x20, 148, 156);
      const sum = header.subarray(0, 512).reduce((a, b) => a + b, 0);
      header.write(`${sum.toString(8).padStart(6, '0')}\u0000 `, 148);
      const tar = Buffer.concat([header, Buffer.alloc(1024)]);
      const out = folder();
      const sha256 = createHash('sha256').update(tar).digest('hex');
      const about = { name: 'meyar' as const, version: '2.0.0', archive: 'meyar-2.0.0.tar.gz' };
      const more = { sha256, bytes: tar.length, store: 1, node: '24.0.0' };
      writeFileSync(join(out, 'meyar-2.0.0.release'), seal({ ...about, ...more }, keys.privateKey));
      writeFileSync(join(out, about.archive), gzipSync(tar));
      const said = await update(out, '--key', keyFile);
      expect([said.code, said.err]).toEqual([2, expect.stringMatching(/cannot be used \(at /)]);
      expect(existsSync(join(into, 'current'))).toBe(false);
    },
  );

  it('a second update at the same time, but not one that a power cut ended', async () => {
    await first('1.0.0');
    writeFileSync(join(into, '.update.lock'), String(process.ppid));
    const busy = await update(release('1.1.0', keys).out);
    expect([busy.code, busy.err]).toEqual([2, expect.stringMatching(/another update works/)]);
    writeFileSync(join(into, '.update.lock'), '999999999');
    expect((await update(release('1.1.0', keys).out)).code).toBe(0);
  });
});

it('ended at any step, the agent starts with the old version or the new one, and again works', async () => {
  const steps: string[] = [];
  const next = release('1.1.0', keys);
  const wish = (step: (what: string) => void) => ({
    ...{ from: next.out, keyFile: null, checkOnly: false },
    place: { folder: into, step },
  });
  await first('1.0.0');
  await installRelease(wish((what) => void steps.push(what)));
  expect(steps).toEqual(['unpack', 'name', 'previous', 'current', 'remove']);
  for (const [i, end] of steps.entries()) {
    into = folder();
    keyFile = join(into, 'given.pub');
    writeFileSync(keyFile, keys.publicPem);
    await first('1.0.0');
    const stop = (what: string) => {
      if (what === end) throw new Error('the power is gone');
    };
    await expect(installRelease(wish(stop))).rejects.toThrow('the power is gone');
    expect(runs(), end).toBe(i < 4 ? '1.0.0' : '1.1.0');
    if (i < 4) expect((await update(next.out)).code).toBe(0);
    expect(runs()).toBe('1.1.0');
    expect((await meyar('update', '--rollback', '--into', into)).code).toBe(0);
    expect(runs()).toBe('1.0.0');
  }
});

describe('the way back', () => {
  const data = () => {
    const dir = join(into, 'data');
    mkdirSync(dir, { recursive: true });
    return { dir, file: join(dir, 'meyar.db') };
  };
  const formatOf = (file: string) => {
    const db = new DatabaseSync(file, { readOnly: true });
    const found = Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
    db.close();
    return found;
  };

  it('brings the store back too when the older version could not read it', async () => {
    const { dir, file } = data();
    openWriter(file, { monotonic: () => 0 }).close();
    const older = MIGRATIONS.length;
    await first('1.0.0', older);
    await update(release('1.1.0', keys, older + 1).out);
    // What a newer version leaves behind: its store, and the copy from before.
    writeFileSync(`${file}.before-v${older + 1}`, readFileSync(file));
    const db = new DatabaseSync(file);
    db.exec(`PRAGMA user_version = ${older + 1}`);
    db.close();
    const back = await meyar('update', '--rollback', '--into', into, '--data', dir);
    expect([back.code, back.out]).toEqual([
      0,
      expect.stringContaining('from before the upgrade is back'),
    ]);
    expect([runs(), formatOf(file)]).toEqual(['1.0.0', older]);
  });

  it('changes nothing when the store cannot go with it', async () => {
    const { dir, file } = data();
    openWriter(file, { monotonic: () => 0 }).close();
    await first('1.0.0', MIGRATIONS.length - 1);
    await update(release('1.1.0', keys, MIGRATIONS.length).out);
    const back = await meyar('update', '--rollback', '--into', into, '--data', dir);
    expect([back.code, back.err]).toEqual([
      2,
      expect.stringMatching(/no copy from before the upgrade/),
    ]);
    expect(runs()).toBe('1.1.0');
  });

  it('says so when there is none', async () => {
    await first('1.0.0');
    const back = await meyar('update', '--rollback', '--into', into);
    expect([back.code, back.err]).toEqual([2, expect.stringMatching(/there is no way back/)]);
    expect(readlinkSync(join(into, 'current'))).toBe('versions/1.0.0');
  });
});
