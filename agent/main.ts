#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { warmCore } from './core/client.ts';
import { warmReader } from './store/reader-client.ts';

// A start is mostly loading code. What was compiled is kept beside the program, where only those
// can write who can change the program too; where we cannot write, nothing is kept.
enableCompileCache(fileURLToPath(new URL('../.cache', import.meta.url)));
if (process.argv[2] === 'run') {
  // What a batch leaves behind dies young: larger nurseries in three threads only cost memory.
  setFlagsFromString('--semi-space-growth-factor=1');
  warmCore();
  warmReader();
}
const { runCommand } = await import('./cli/index.ts');

process.exitCode = await runCommand(process.argv.slice(2));
