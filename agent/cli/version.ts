import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A file of the installed project: its folder is the nearest one upwards that holds package.json. */
export function projectFile(path: string): string {
  let folder = new URL('./', import.meta.url);
  while (!existsSync(new URL('package.json', folder))) {
    const up = new URL('../', folder);
    if (up.href === folder.href) throw new Error('the package.json of this program is gone');
    folder = up;
  }
  return fileURLToPath(new URL(path, folder));
}

/** Version of the installed program. */
export function version(): string {
  const text = readFileSync(projectFile('package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
