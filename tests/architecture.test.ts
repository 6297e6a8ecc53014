import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MAX_FILE_LINES = 250;
const MAX_FUNCTION_LINES = 60;

/** What each room may import besides itself. Files directly under agent/ are rooms of their own. */
const MAY_IMPORT: Record<string, string[]> = {
  model: [],
  registry: [],
  batch: ['model'],
  spc: [],
  runtime: [],
  features: ['registry'],
  subgroups: ['model', 'registry', 'spc', 'runtime/duration'],
  charts: ['model', 'registry', 'spc', 'subgroups', 'rules'],
  rules: ['model', 'registry', 'spc'],
  core: [
    'model',
    'batch',
    'registry',
    'spc',
    'runtime',
    'features',
    'subgroups',
    'charts',
    'rules',
    'alerts',
    'store/store',
  ],
  store: ['model', 'batch', 'registry', 'runtime'],
  sources: ['model', 'batch', 'registry', 'runtime'],
  sinks: ['model', 'batch', 'registry', 'runtime'],
  alerts: ['model', 'registry', 'runtime', 'spc'],
  // A study's stability is judged by the live charts and rules: there is one judge, not two.
  evidence: ['model', 'registry', 'spc', 'runtime', 'charts', 'rules'],
  console: ['model', 'runtime'],
  update: ['runtime'],
  plants: ['model', 'runtime'],
  intake: ['batch'],
  live: ['model', 'console/view'],
  recording: ['core/protocol', 'runtime'],
  vitals: ['model', 'runtime', 'console/view'],
};
/** Roots of a thread or of the program: they put the parts together. */
const ROOTS = new Set([
  'agent/accounts.ts',
  'agent/main.ts',
  'agent/agent.ts',
  'agent/parts.ts',
  'agent/rejected.ts',
  'agent/parts-view.ts',
  'agent/parts-stop.ts',
  'agent/wiring.ts',
  'agent/wiring-reactions.ts',
  'agent/reload.ts',
  'agent/upkeep.ts',
  'agent/manual-view.ts',
  'agent/gauges-view.ts',
  'agent/jobs.ts',
  'agent/console-view.ts',
  'agent/core/worker.ts',
  'agent/store/reader-thread.ts',
]);
const ROOT_ROOMS = new Set(['cli', 'settings']);
/** Rooms that must give the same answer every time: no clock, no chance, no input or output. */
const PURE = ['model', 'batch', 'registry', 'spc', 'features', 'subgroups', 'charts', 'rules'];

const files = globSync('agent/**/*.ts', { cwd: ROOT }).sort();
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const room = (file: string) => (relative('agent', file).split('/')[0] ?? '').replace(/\.ts$/, '');
const importsOf = (text: string) =>
  [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((m) => m[1] as string);

describe('who may import whom', () => {
  it('finds the files it is about', () => {
    expect(files.length).toBeGreaterThan(60);
    for (const name of new Set(files.map(room))) {
      const known = name in MAY_IMPORT || ROOT_ROOMS.has(name) || ROOTS.has(`agent/${name}.ts`);
      expect(known, `agent/${name} is not in the table`).toBe(true);
    }
  });

  it('keeps every room to its table', () => {
    const forbidden = files.flatMap((file) => forbiddenImports(file, read(file)));
    expect(forbidden).toEqual([]);
  });

  it('sees a planted breach', () => {
    const planted = "import { openWriter } from '../store/writer.ts';";
    expect(forbiddenImports('agent/charts/planted.ts', planted)).toHaveLength(1);
    expect(forbiddenImports('agent/spc/planted.ts', "import 'node:fs';")).toHaveLength(1);
  });
});

function forbiddenImports(file: string, text: string): string[] {
  const from = room(file);
  const free = ROOTS.has(file) || ROOT_ROOMS.has(from);
  return importsOf(text).flatMap((target) => {
    const pure = PURE.includes(from) && target.startsWith('node:');
    if (pure) return [`${file} imports ${target}`];
    if (!target.startsWith('.') || free) return [];
    const to = relative(ROOT, resolve(ROOT, dirname(file), target)).replace(/\.ts$/, '');
    const place = relative('agent', to);
    const allowed = [from, ...(MAY_IMPORT[from] ?? [])];
    const fine = allowed.some((a) => place === a || place.startsWith(`${a}/`));
    return fine ? [] : [`${file} imports ${to}`];
  });
}

describe('time and chance are arguments', () => {
  const allowed = (file: string) =>
    file === 'agent/runtime/clock.ts' || file.startsWith('agent/cli/') || ROOTS.has(file);
  it('reads the clock and draws numbers nowhere else', () => {
    const used = files
      .filter((file) => !allowed(file))
      .filter((file) => /\b(Date\.now|performance\.now|Math\.random)\s*\(/.test(code(read(file))));
    expect(used).toEqual([]);
  });
});

describe('sizes', () => {
  const checked = [...files, ...globSync('dashboards/**/*.{ts,tsx}', { cwd: ROOT })];
  it(`has no file over ${MAX_FILE_LINES} lines`, () => {
    const long = checked
      .map((file) => ({ file, lines: read(file).split('\n').length - 1 }))
      .filter((f) => f.lines > MAX_FILE_LINES);
    expect(long).toEqual([]);
  });

  it(`has no function over ${MAX_FUNCTION_LINES} lines of its own`, () => {
    const long = checked.flatMap((file) =>
      ownLines(read(file))
        .filter((f) => f.lines > MAX_FUNCTION_LINES)
        .map((f) => `${file}:${f.at} ${f.lines} lines`),
    );
    expect(long).toEqual([]);
  });

  it('sees a planted long function', () => {
    const body = Array.from({ length: 70 }, (_, i) => `  let x${i} = ${i};`).join('\n');
    expect(ownLines(`function planted() {\n${body}\n}\n`)[0]?.lines).toBeGreaterThan(60);
  });
});

/** Strings and comments blanked, so that words in them are not taken for code. */
function code(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (m) => m.replace(/[^\n]/g, ' '))
    .replace(/(^|\s)\/\/.*$/gm, (m) => ' '.repeat(m.length))
    .replace(/'(?:[^'\\\n]|\\.)*'/g, (m) => ' '.repeat(m.length));
}

/**
 * Lines of every function without those of the functions inside it. The formatter puts the brace
 * that opens a body at the end of a line and the one that closes it at the start of one.
 */
function ownLines(source: string): { at: number; lines: number }[] {
  const done: { at: number; lines: number }[] = [];
  const open: { at: number; lines: number; indent: number }[] = [];
  const starts = /(\bfunction\b[^;]*|=>|^\s*(?:async )?\*?[\w$]+\([^;]*\)(?:: [^;]+)?) \{$/;
  const lines = code(source).split('\n');
  lines.forEach((line, i) => {
    const indent = line.length - line.trimStart().length;
    const top = open.at(-1);
    if (top && indent === top.indent && /^\s*\}/.test(line)) {
      done.push({ at: top.at, lines: top.lines });
      open.pop();
    }
    const current = open.at(-1);
    if (current) current.lines += 1;
    const keyword =
      /^\s*(?:\} )?(?:if|for|while|switch|else|try|catch|do|return \{|export (?:interface|type)|interface)\b/;
    const closesSignature = /^\s*\)(?:: [^;]+)? \{$/.test(line);
    if ((starts.test(line) && !keyword.test(line)) || closesSignature) {
      open.push({ at: i + 1, lines: 0, indent });
    }
  });
  return done;
}

describe('documents', () => {
  const documents = globSync('**/*.md', {
    cwd: ROOT,
    exclude: (name) => /node_modules|dist|\.git/.test(String(name)),
  });
  it('has no dead link', () => {
    const dead = documents.flatMap((file) => {
      const links = [...read(file).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map((m) => m[1] ?? '');
      return links
        .filter((link) => !/^[a-z]+:/.test(link))
        .filter((link) => !existsSync(resolve(ROOT, dirname(file), link)))
        .map((link) => `${file}: ${link}`);
    });
    expect(dead).toEqual([]);
  });

  it('names every kind that is registered', () => {
    const all = documents.map(read).join('\n');
    const tables = [
      'sources',
      'sinks',
      'alerts/channels',
      'charts',
      'rules',
      'subgroups',
      'features',
    ];
    const unnamed = tables.flatMap((table) => {
      const kinds = globSync(`agent/${table}/*.ts`, { cwd: ROOT });
      expect(kinds.length).toBeGreaterThan(0);
      return registeredKinds(read(`agent/${table}/index.ts`)).filter((kind) => !all.includes(kind));
    });
    expect(unnamed).toEqual([]);
  });
});

/** Names in the visible table of an index file. */
function registeredKinds(text: string): string[] {
  const table = /(?:registry(?:<[^>]*>)?\(|Kinds = )\{([^}]*)\}/.exec(code2(text))?.[1] ?? '';
  return [...table.matchAll(/^\s*'?([\w-]+)'?\s*[,:]/gm)].map((m) => m[1] as string);
}

const code2 = (text: string) =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\{ (.*?) \}/g, '{\n$1\n}')
    .replace(/, /g, ',\n');

describe('nothing of a machine or of how the work is done is in tracked files', () => {
  it('has no absolute path of a home or work folder', () => {
    const tracked = globSync(
      '{agent,dashboards,config,docs,tests,scripts}/**/*.{ts,tsx,md,yaml,mjs}',
      {
        cwd: ROOT,
      },
    );
    const pattern = new RegExp(['/wo', 'rk/|/ro', 'ot/|/ho', 'me/[a-z]+/'].join(''));
    expect(tracked.filter((file) => pattern.test(read(file)))).toEqual([]);
  });
});
