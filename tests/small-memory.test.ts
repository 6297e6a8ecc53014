import { describe, expect, it } from 'vitest';
import { balanceMemory } from '../agent/runtime/small-memory.ts';

/** Feeds so many readings a second, one look a second; answers every mode it was in. */
function looks(rates: readonly number[]) {
  const flags: string[] = [];
  const look = balanceMemory((flag) => flags.push(flag));
  let readings = 0;
  const modes = rates.map((rate, i) => {
    readings += rate;
    return look(readings, 1000 * i);
  });
  return { modes, flags };
}

describe('the balance between memory and speed', () => {
  it('is on little memory at the usual load, and sets its flags once', () => {
    const { modes, flags } = looks(Array(20).fill(1000));
    expect(new Set(modes)).toEqual(new Set(['small']));
    expect(flags).toEqual([
      '--optimize-for-size',
      '--heap-growing-percent=5',
      '--semi-space-growth-factor=1',
    ]);
  });

  it('turns to speed at once under many readings, and back after ten quiet seconds', () => {
    const { modes, flags } = looks([0, 50_000, ...Array(12).fill(100)]);
    expect(modes[1]).toBe('fast');
    expect(modes.indexOf('small', 1)).toBe(11);
    expect(flags.filter((flag) => flag.includes('size'))).toEqual([
      '--optimize-for-size',
      '--no-optimize-for-size',
      '--optimize-for-size',
    ]);
  });

  it('does not go to and fro between few and many', () => {
    const { modes } = looks([0, 9000, 6000, 100, 6000, 100, 6000, 9000, 6000]);
    expect(modes.slice(1)).toEqual(Array(8).fill('fast'));
  });

  it('takes a count that begins again, after a new start of the agent, for quiet', () => {
    const look = balanceMemory(() => {});
    look(1e6, 0);
    expect(look(0, 1000)).toBe('small');
  });
});
