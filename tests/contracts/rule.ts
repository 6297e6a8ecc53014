import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compileRules } from '../../agent/rules/compile.ts';
import { rules } from '../../agent/rules/index.ts';
import { LONGEST } from '../../agent/rules/rule.ts';
import { firedAt, given, individuals, rig } from '../support/spc.ts';

/** What a kind of rule brings to be held to the port's promises. Centre 10, sigma 1. */
export interface RuleRig {
  kind: string;
  settings?: Record<string, unknown>;
  /** the shortest series that fires at its last point and nowhere before */
  fires: number[];
  /** a series that must never fire */
  quiet: number[];
}

/** The promises every kind of rule keeps (agent/rules/rule.ts). */
export function ruleContract({ kind, settings = {}, fires, quiet }: RuleRig): void {
  const own = { kind, id: 'it', ...settings };
  const charted = () => rig({ subgroup: individuals, limits: given, rules: [own] });

  describe(`rule ${kind} keeps the contract`, () => {
    const rule = rules.create(rules.schema.parse(own), {});

    it('describes every setting', () => {
      const text = JSON.stringify(z.toJSONSchema(rules.schema, { io: 'input' }));
      expect(text).toContain(`"const":"${kind}"`);
      expect(() => rules.schema.parse({ ...own, nonsense: 1 })).toThrow(/nonsense/);
    });

    it('has a name, a sentence and terms that can be kept', () => {
      expect(rules.create(rules.schema.parse({ kind, ...settings }), {}).id).not.toBe('');
      expect(rule).toMatchObject({ id: 'it', kind });
      expect(rule.text.length).toBeGreaterThan(10);
      for (const term of rule.conditions.flatMap((condition) => condition.terms)) {
        expect(term.k).toBeGreaterThan(0);
        expect(term.k).toBeLessThanOrEqual(term.m);
        expect(term.m).toBeLessThanOrEqual(LONGEST);
      }
      expect(compileRules([rule], () => false).words).toBe(0);
    });

    it('fires at the point that completes the pattern, not before', () => {
      expect(firedAt(charted().feed(...fires), 'it')).toEqual([fires.length]);
    });

    it('stays quiet otherwise', () => {
      expect(firedAt(charted().feed(...quiet), 'it')).toEqual([]);
    });

    it('sees the same pattern upside down on the other side', () => {
      const r = charted().feed(...fires.map((x) => 20 - x));
      expect(firedAt(r, 'it')).toEqual([fires.length]);
      const sides = [charted().feed(...fires), r].map((done) => done.signals[0]?.side);
      expect(['upper lower', 'lower upper', 'both both']).toContain(sides.join(' '));
    });

    it('remembers nothing across a gap', () => {
      const r = charted().feed(...fires.slice(0, -1));
      r.give(fires.at(-1) ?? 0, { pauseMs: 10_000_000 });
      expect(firedAt(r, 'it')).toEqual(fires.length === 1 ? [1] : []);
    });

    it('goes on after its memory was written down and read back at any point', () => {
      for (let cut = 0; cut <= fires.length; cut += 1) {
        const r = charted().feed(...fires.slice(0, cut));
        r.reload().feed(...fires.slice(cut));
        expect(firedAt(r, 'it')).toEqual([fires.length]);
      }
    });
  });
}
