import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modbus, planOf } from '../../../agent/sources/modbus/index.ts';
import { type Group, plan } from '../../../agent/sources/modbus/plan.ts';
import { nextDue } from '../../../agent/sources/modbus/schedule.ts';
import { RECORD } from './rig.ts';

const LIMITS = { maxRegisters: 125, maxBits: 2000, maxHole: 125 };
const group = (address: number, length: number, over: Partial<Group> = {}): Group => ({
  table: 'holding',
  address,
  length,
  everyMs: 1000,
  ...over,
});
const spans = (blocks: { address: number; length: number }[]) =>
  blocks.map((b) => [b.address, b.length]);

describe('the plan of requests', () => {
  it('joins neighbours, and reads a hole rather than asking twice', () => {
    const groups = [group(100, 2), group(0, 2), group(2, 4)];
    expect(spans(plan(groups, LIMITS))).toEqual([[0, 102]]);
  });
  it('does not read holes longer than allowed', () => {
    const groups = [group(0, 2), group(3, 2), group(7, 2)];
    expect(spans(plan(groups, { ...LIMITS, maxHole: 1 }))).toEqual([
      [0, 5],
      [7, 2],
    ]);
  });
  it('keeps tables and periods apart', () => {
    const groups = [group(0, 1), group(1, 1, { everyMs: 100 }), group(2, 1, { table: 'input' })];
    expect(plan(groups, LIMITS)).toHaveLength(3);
  });
  it('never splits a group, never exceeds the limits, never forgets one', () => {
    const groups = fc.array(
      fc.record({
        table: fc.constantFrom('holding' as const, 'input' as const, 'coil' as const),
        address: fc.integer({ min: 0, max: 400 }),
        length: fc.integer({ min: 1, max: 20 }),
        everyMs: fc.constantFrom(100, 1000),
      }),
      { maxLength: 40 },
    );
    const limits = fc.record({
      maxRegisters: fc.integer({ min: 20, max: 125 }),
      maxBits: fc.integer({ min: 20, max: 2000 }),
      maxHole: fc.integer({ min: 0, max: 125 }),
    });
    fc.assert(
      fc.property(groups, limits, (wanted, allowed) => {
        const blocks = plan(wanted, allowed);
        expect(new Set(blocks.flatMap((b) => b.groups))).toEqual(new Set(wanted));
        for (const b of blocks) {
          const most = b.table === 'coil' ? allowed.maxBits : allowed.maxRegisters;
          expect(b.length).toBeLessThanOrEqual(most);
          for (const g of b.groups) {
            expect(g.address).toBeGreaterThanOrEqual(b.address);
            expect(g.address + g.length).toBeLessThanOrEqual(b.address + b.length);
            expect([g.table, g.everyMs]).toEqual([b.table, b.everyMs]);
          }
        }
      }),
    );
  });
  it('can be printed: one line per request with what it reads', () => {
    const settings = modbus.settings.parse({
      url: 'tcp://plc:502',
      units: [
        {
          id: 3,
          name: 'cnc',
          records: [RECORD],
          tags: [
            { name: 'power', address: 100, type: 'float32' },
            { name: 'door', table: 'discrete', address: 4, type: 'bool' },
          ],
        },
      ],
    });
    expect(planOf(settings)).toEqual([
      expect.objectContaining({ functionCode: 2, address: 4, length: 1, reads: ['cnc.door'] }),
      expect.objectContaining({
        unit: 3,
        functionCode: 3,
        address: 0,
        length: 10,
        everyMs: 10,
        reads: ['cnc.result'],
        unused: 0,
        bytes: 12 + 9 + 20,
      }),
      expect.objectContaining({ address: 100, length: 2, everyMs: 1000, reads: ['cnc.power'] }),
    ]);
    expect(planOf(settings, (tag) => tag === 'cnc.door')).toHaveLength(1);
  });
});

describe('absolute-time schedule', () => {
  it('stays on its grid and skips what it missed', () => {
    expect(nextDue(100, 50, 101)).toEqual({ dueMs: 150, skipped: 0 });
    expect(nextDue(100, 50, 149.9)).toEqual({ dueMs: 150, skipped: 0 });
    expect(nextDue(100, 50, 150)).toEqual({ dueMs: 200, skipped: 1 });
    expect(nextDue(100, 50, 420)).toEqual({ dueMs: 450, skipped: 6 });
  });
  it('is always in the future, on the grid, and accounts for every period', () => {
    const times = [fc.integer({ max: 1e9, min: 0 }), fc.integer({ min: 5, max: 1e6 })] as const;
    fc.assert(
      fc.property(...times, fc.integer({ min: 0, max: 1e9 }), (dueMs, everyMs, late) => {
        const next = nextDue(dueMs, everyMs, dueMs + late);
        expect(next.dueMs).toBeGreaterThan(dueMs + late);
        expect(next.dueMs - everyMs).toBeLessThanOrEqual(dueMs + late);
        expect(next.dueMs).toBe(dueMs + (next.skipped + 1) * everyMs);
      }),
    );
  });
});
