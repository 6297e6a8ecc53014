#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { useLittleMemory } from './runtime/small-memory.ts';

// A start is mostly loading code. What was compiled is kept beside the program, where only those
// can write who can change the program too; where we cannot write, nothing is kept.
const runs = process.argv[2] === 'run';
if (runs) useLittleMemory();
enableCompileCache(fileURLToPath(new URL('../.cache', import.meta.url)));
if (runs) {
  // Not before: what is loaded in front of `useLittleMemory` is loaded twice.
  (await import('./core/client.ts')).warmCore();
  (await import('./store/reader-client.ts')).warmReader();
}
const { runCommand } = await import('./cli/index.ts');

process.exitCode = await runCommand(process.argv.slice(2));
