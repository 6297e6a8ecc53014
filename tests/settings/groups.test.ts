import { expect, it } from 'vitest';
import { readSettings, sayProblems } from '../../agent/settings/load.ts';

const settings = (groups: string) => `plant: { name: Test (made up), site: here }
sources:
  bench: { kind: manual }
  lab: { kind: manual }
characteristics:
  length: { name: Length, source: bench, tag: length }
  width: { name: Width, source: bench, tag: width }
  hardness: { name: Hardness, source: lab, tag: hardness }
groups:
  ${groups}
`;

const problemsOf = (groups: string) => {
  const { problems } = readSettings(settings(groups), 'plant.yaml', {});
  return sayProblems(problems, 'plant.yaml');
};

it('groups are read with their defaults', () => {
  const { settings: read, problems } = readSettings(
    settings('shape: { name: Shape, characteristics: [length, width] }'),
    'plant.yaml',
    {},
  );
  expect(problems).toEqual([]);
  expect(read?.groups['shape']).toMatchObject({
    join: 'sequence',
    openRows: 256,
    charts: [{ kind: 't2', alpha: 0.0027 }],
    limits: { kind: 'baseline', covariance: 'sample', requireApproval: false },
  });
});

it.each([
  ['shape: { name: S, characteristics: [length, widht] }', "did you mean 'width'?"],
  ['shape: { name: S, characteristics: [length, length] }', 'named twice'],
  ['width: { name: S, characteristics: [length, width] }', "'width' is a characteristic"],
  ['bench: { name: S, characteristics: [length, width] }', 'or a source already'],
  ['shape: { name: S, characteristics: [length, hardness] }', 'come from bench and lab'],
  [
    'shape: { name: S, characteristics: [length, width], charts: [{ kind: generalized-variance }] }',
    'write subgroup: { size: 3 }',
  ],
  [
    'shape: { name: S, characteristics: [length, width], charts: [{ kind: t2 }, { kind: t2 }] }',
    'each kind of chart may be used once',
  ],
  [
    `shape: { name: S, characteristics: [length, width],
    limits: { kind: fixed, mean: [1, 2], covariance: [[1, 1], [1, 1]] } }`,
    "'width' has no variance, or follows from those before it",
  ],
  [
    `shape: { name: S, characteristics: [length, width],
    limits: { kind: fixed, mean: [1], covariance: [[1, 0.5], [0.4, 1]] } }`,
    'give 2 means',
  ],
  [
    `shape: { name: S, characteristics: [length, width],
    limits: { kind: fixed, mean: [1, 2], covariance: [[1, 0.5], [0.4, 1]] } }`,
    'a covariance is symmetric',
  ],
])('what cannot work is named: %s', (group, words) => {
  expect(problemsOf(group)).toContain(words);
});

it('members of several sources join by a context', () => {
  const group = 'shape: { name: S, join: serial, characteristics: [length, hardness] }';
  expect(readSettings(settings(group), 'plant.yaml', {}).problems).toEqual([]);
});
