import { nearest } from './nearest.ts';
import type { Settings } from './schema.ts';
import type { ParsedYaml, Problem } from './yaml.ts';

/** Names that one part of the file uses and another must define. */
export function checkReferences(settings: Settings, yaml: ParsedYaml): Problem[] {
  const problems: Problem[] = [];
  const want = (path: PropertyKey[], word: string, known: string[], what: string) => {
    if (known.includes(word)) return;
    const close = nearest(word, known);
    const list = known.length === 0 ? `no ${what} is defined` : `defined: ${known.join(', ')}`;
    problems.push({
      ...yaml.position(path),
      message: `${path.map(String).join('.')}: there is no ${what} '${word}'`,
      hint: close ? `did you mean '${close}'?` : list,
    });
  };
  const sources = Object.keys(settings.sources);
  for (const [id, row] of Object.entries(settings.characteristics)) {
    want(['characteristics', id, 'source'], row.source, sources, 'source');
  }
  const channels = Object.keys(settings.alerts.channels);
  settings.alerts.routes.forEach((route, i) => {
    route.channels.forEach((channel, j) => {
      want(['alerts', 'routes', i, 'channels', j], channel, channels, 'channel');
    });
  });
  if (Object.keys(settings.characteristics).length === 0) {
    problems.push({
      ...yaml.position(['characteristics']),
      message: 'characteristics: nothing is measured',
      hint: 'add at least one characteristic',
    });
  }
  return problems;
}
