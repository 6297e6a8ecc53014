import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Folder of the installed project: the nearest one upwards that holds package.json. */
export function projectFile(path: string): string {
  const here = import.meta.url;
  const up = here.includes('/dist/') ? '../../../' : '../../';
  return fileURLToPath(new URL(up + path, here));
}

/** Version of the installed program. */
export function version(): string {
  const text = readFileSync(projectFile('package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
