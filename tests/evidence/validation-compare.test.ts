import { describe, expect, it } from 'vitest';
import { compare } from '../../agent/evidence/validation/compare.ts';

const tolerance = { abs: 1e-9, rel: 0 };
const wrong = (expected: unknown, actual: unknown) =>
  compare({ x: expected }, { x: actual }, tolerance).map((one) => one.path);

describe('the comparer of reference cases', () => {
  it.each<[string, unknown, unknown]>([
    ['a list where nothing was expected', null, [null, null]],
    ['an object where nothing was expected', null, { lcl: null, ucl: null }],
    ['an empty list where nothing was expected', null, []],
    ['nothing where a list was expected', [null, null], null],
    ['nothing where an empty list was expected', [], null],
    ['a list that holds a number where nothing was expected', null, [null, 3]],
    ['nothing for a list that holds a number', [null, 2], null],
    ['a list that is left out', [null, null], undefined],
    ['a list of another length', [null, null], [null]],
    ['an object where a list was expected', [null], { 0: null }],
    ['a number where nothing was expected', null, 0],
    ['nothing where a number was expected', 0, null],
    ['a text for a number', 1, '1'],
    ['a number too far off', 1, 1 + 2e-9],
    ['true for 1', 1, true],
  ])('does not pass %s', (_, expected, actual) => {
    expect(wrong(expected, actual).length).toBeGreaterThan(0);
  });

  it.each<[string, unknown, unknown]>([
    ['nothing for nothing', null, null],
    ['a place left out for nothing', null, undefined],
    ['an object left out for places that are all nothing', { a: null, b: null }, undefined],
    ['a list of nothings', [null, null], [null, null]],
    ['a number near enough', 1, 1 + 1e-10],
    ['single places of a list', { 1: 5 }, [4, 5]],
  ])('passes %s', (_, expected, actual) => {
    expect(wrong(expected, actual)).toEqual([]);
  });

  it('positions are right or wrong, whatever the tolerance', () => {
    const generous = { abs: 3, rel: 0 };
    expect(compare({ beyond: [4] }, { beyond: [5] }, generous)).toHaveLength(1);
    expect(compare({ ucl: [4] }, { ucl: [5] }, generous)).toEqual([]);
  });

  it('the pair of the longest matching entry counts', () => {
    const fields = { xbar: { abs: 1, rel: 0 }, 'xbar.ucl': { abs: 0, rel: 0 } };
    const found = compare(
      { xbar: { lcl: [1], ucl: [1] } },
      { xbar: { lcl: [1.5], ucl: [1.5] } },
      { ...tolerance, fields },
    );
    expect(found.map((one) => one.path)).toEqual(['xbar.ucl.0']);
  });
});
