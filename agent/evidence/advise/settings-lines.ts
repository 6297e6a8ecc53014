/** The proposal as lines for the settings file, for charts that the agent draws live. */
import type { Facts } from './facts.ts';
import type { Advice, AdvisedChart, Counts } from './observations.ts';
import { say } from './say.ts';

const EWMA = {
  'ewma-0.1': '  - { kind: ewma, lambda: 0.1, width: 2.7 }',
  'ewma-0.2': '  - { kind: ewma, lambda: 0.2, width: 2.86 }',
} as const;

/** Lines for a chart of measurements; none where a table of the parts is needed that only people have. */
export function measurementLines(
  chart: AdvisedChart,
  companion: Advice['companion'],
  f: Facts,
): string[] {
  const size = f.subgroups?.most ?? 1;
  const subgroup = `subgroup: { kind: by-count, size: ${size} }`;
  const lines = (sampling: string, drawn: string[], points: number): string[] => [
    sampling,
    'charts:',
    ...drawn,
    'rules: shewhart',
    `limits: { kind: baseline, subgroups: ${points} }`,
  ];
  switch (chart) {
    case 'xbar-r':
    case 'xbar-s':
    case 'imr': {
      const second = companion === null ? [] : [EWMA[companion]];
      return lines(subgroup, [`  - { kind: ${chart} }`, ...second], size === 1 ? 100 : 25);
    }
    case 'between-within':
      // Lots are charted as subgroups; pieces of one lot that come one by one are grouped by it.
      return f.subgroups === null
        ? lines('subgroup: { kind: by-part, key: lot, size: 5 }', [`  - { kind: ${chart} }`], 25)
        : lines(subgroup, [`  - { kind: ${chart} }`], 25);
    case 'residual':
      return lines(
        'subgroup: { kind: by-count, size: 1 }',
        ['  - { kind: residual, sigmas: 4 }'],
        100,
      );
    case 'regression':
      return lines(subgroup, ['  - { kind: regression }'], size === 1 ? 100 : 25);
    case 'q':
      // It draws its lines from what it has seen: there is no Phase I.
      return [
        'subgroup: { kind: by-count, size: 1 }',
        'charts:',
        '  - { kind: q }',
        'rules: shewhart',
      ];
    case 'group':
      return lines(
        `subgroup: { kind: by-stream, streams: [${f.streams.list.map((s) => JSON.stringify(s)).join(', ')}] }`,
        ['  - { kind: group }'],
        25,
      );
    default:
      return [];
  }
}

/** Lines for a chart of counts; the g chart is fed with the good units between bad ones. */
export function countLines(chart: AdvisedChart, { sizes }: Counts): string[] {
  const drawn = ['charts:', `  - { kind: ${chart} }`, 'rules: shewhart'];
  const limits = 'limits: { kind: baseline, subgroups: 25 }';
  if (chart === 'g') return ['subgroup: { kind: by-count, size: 1 }', ...drawn, limits];
  const constant = sizes.every((size) => size === sizes[0]);
  const subgroup = constant
    ? `{ kind: counts, sampleSize: ${say(sizes[0])} }`
    : '{ kind: counts, sizeKey: size }';
  return [`subgroup: ${subgroup}`, ...drawn, limits];
}
