import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { controlChart } from './source/control-chart.ts';
import { dashboard } from './source/dashboard.ts';
import { overview } from './source/overview.ts';

/** Every dashboard by file name, as the text of that file. */
export function dashboards(): Record<string, string> {
  const plans = { 'overview.json': overview, 'control-chart.json': controlChart };
  const files = Object.entries(plans).map(([name, plan]) => [
    name,
    `${JSON.stringify(dashboard(plan), null, 2)}\n`,
  ]);
  return Object.fromEntries(files);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [name, text] of Object.entries(dashboards())) {
    writeFileSync(new URL(name, import.meta.url), text);
    console.log(`dashboards/grafana/${name}`);
  }
}
