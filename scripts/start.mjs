// `npm start`: builds the console page when it is missing or older than its sources, then runs the
// demo. One process, so that Ctrl-C reaches the agent itself.
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = `${root}dist/console/index.html`;
const built = existsSync(page) ? statSync(page).mtimeMs : 0;
const sources = globSync('dashboards/console/**/*', { cwd: root });
if (sources.some((file) => statSync(root + file).mtimeMs > built)) {
  execFileSync('npm', ['run', '--silent', 'build:console'], { cwd: root, stdio: 'inherit' });
}
const { runCommand } = await import('../agent/cli/index.ts');
process.exitCode = await runCommand(['demo', ...process.argv.slice(2)]);
