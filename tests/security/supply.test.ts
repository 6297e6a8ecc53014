import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

interface Locked {
  version?: string;
  resolved?: string;
  integrity?: string;
  license?: string;
  dev?: boolean;
  optional?: boolean;
  hasInstallScript?: boolean;
}
const manifest = JSON.parse(read('package.json')) as {
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};
const locked = Object.entries(
  (JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> }).packages,
).filter(([path]) => path !== '');
const shipped = locked.filter(([, one]) => one.dev !== true);
const nameOf = (path: string) => path.split('node_modules/').at(-1) ?? '';

/** Licences that allow what we do and ask for no more than their text to be kept. */
const ALLOWED = [
  'MIT',
  'MIT-0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
];
/** Packages whose manifest names no licence; the text in the package was read. */
const READ: Record<string, string> = { 'png-js': 'MIT' };

describe('what the program is made of', () => {
  it('is locked to exact versions, each with its checksum', () => {
    const all = { ...manifest.dependencies, ...manifest.devDependencies };
    for (const [name, version] of Object.entries(all)) {
      expect(`${name} ${version}`).toMatch(/ \d+\.\d+\.\d+$/);
      const found = locked.find(([path]) => path === `node_modules/${name}`);
      expect(`${name} ${found?.[1].version}`).toBe(`${name} ${version}`);
    }
    expect(locked.length).toBeGreaterThan(100);
    for (const [path, { integrity }] of locked) expect(`${path} ${integrity}`).toMatch(/ sha512-/);
  });

  it('comes from the registry and from nowhere else', () => {
    const elsewhere = locked.filter(([, { resolved = '' }]) => {
      return resolved !== '' && !resolved.startsWith('https://registry.npmjs.org/');
    });
    expect(elsewhere).toEqual([]);
  });

  it('runs nothing when it is installed', () => {
    const scripts = locked.filter(([, one]) => one.hasInstallScript === true);
    // Node itself for a clone, and the driver of serial lines, which is optional.
    const known = ['node_modules/node', 'node_modules/@serialport/bindings-cpp'];
    expect(scripts.map(([path]) => path).filter((path) => !known.includes(path))).toEqual([]);
    expect(shipped.filter(([, o]) => o.hasInstallScript && o.optional !== true)).toEqual([]);
  });

  it('has licences that go with ours', () => {
    const wrong = shipped.flatMap(([path, { license }]) => {
      const said = license ?? READ[nameOf(path)] ?? 'none';
      const words = said.replace(/[()]/g, '').split(/ OR /);
      return words.some((word) => ALLOWED.includes(word)) ? [] : [`${path}: ${said}`];
    });
    expect(wrong).toEqual([]);
  });

  it('depends on few packages, each with a reason', () => {
    const names = Object.keys(manifest.dependencies);
    expect(names.length).toBeLessThanOrEqual(15);
    const reasons = read('docs/decisions/0001-dependencies.md');
    expect(names.filter((name) => !reasons.includes(`\`${name}\``))).toEqual([]);
  });

  // Without --omit dev: npm then leaves out what a development tool needs as well, zod for one.
  it('is listed by `npm run sbom` as CycloneDX, every shipped package of it', async () => {
    expect(manifest.scripts['sbom']).toBe(
      'npm sbom --package-lock-only --sbom-format cyclonedx --sbom-type application',
    );
    const words = ['run', '--silent', 'sbom'];
    const { stdout } = await promisify(execFile)('npm', words, { cwd: ROOT, maxBuffer: 1e8 });
    const bom = JSON.parse(stdout) as {
      bomFormat: string;
      components: { name: string; version: string; purl: string; hashes?: unknown[] }[];
    };
    expect(bom.bomFormat).toBe('CycloneDX');
    const listed = new Set(bom.components.map((c) => `${c.name} ${c.version}`));
    const missing = shipped
      .filter(([, one]) => one.optional !== true)
      .map(([path, one]) => `${nameOf(path)} ${one.version}`)
      .filter((name) => !listed.has(name));
    expect(missing).toEqual([]);
    for (const c of bom.components) expect(c.purl).toMatch(/^pkg:npm\//);
  });
});
