// `npm run build:agent [FOLDER]`: the agent as a few files of JavaScript instead of hundreds. What a
// thread has loaded stays in memory for as long as it runs, and a start is mostly loading: so only
// what is used, no comments, and one byte for each character.
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const file = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Loaded only by those who need them, from node_modules: with data or native code of their own. */
const APART = ['aedes', 'csv-parse', 'nodemailer', 'pdfkit', 'read-excel-file'];

/** V8 keeps a source with one character beyond Latin-1 as two bytes for each of its characters. */
const oneByte = {
  name: 'one-byte',
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type === 'chunk') chunk.code = chunk.code.replace(/[^\0-\xff]/g, escaped);
    }
  },
};
const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Parts of packages that the agent does not use, and that are large: they come as empty modules. */
const UNUSED = ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler', 'glob'];
const unused = {
  name: 'unused',
  enforce: 'pre',
  resolveId: (source) => (UNUSED.includes(source) ? `\0unused:${source}` : null),
  load: (id) => (id.startsWith('\0unused:') ? 'export {};' : null),
};

/** Schemas of settings are made when something is checked: see late-zod.mjs. */
const lateZod = {
  name: 'late-zod',
  enforce: 'pre',
  resolveId(source, importer = '') {
    const itself = importer === file('zod.mjs') || importer.startsWith(file('../agent/console/'));
    return source === 'zod' && !itself ? file('late-zod.mjs') : null;
  },
};

await build({
  root: file('..'),
  configFile: false,
  logLevel: 'warn',
  plugins: [lateZod, unused, oneByte],
  ssr: { noExternal: true, external: APART },
  build: {
    ssr: true,
    outDir: process.argv[2] ?? file('../dist/agent'),
    emptyOutDir: true,
    target: 'node24',
    rolldownOptions: {
      input: {
        main: file('../agent/main.ts'),
        worker: file('../agent/core/worker.ts'),
        'reader-thread': file('../agent/store/reader-thread.ts'),
        zod: file('zod.mjs'),
      },
      output: {
        // All in one folder: threads are started by the name of a file beside the one that runs.
        entryFileNames: '[name].js',
        chunkFileNames: '[name]-[hash].js',
        comments: false,
        // Names stay as they are, so that a trace of calls in the log can be read.
        minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
      },
    },
  },
});
