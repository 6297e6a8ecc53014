import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AQLS,
  codeLetter,
  doublePlan,
  LETTERS,
  LEVELS,
  SEVERITIES,
  type Severity,
  singlePlan,
} from '../../agent/spc/attribute-tables.ts';
import { poissonCdf } from '../../agent/spc/discrete.ts';
import { acceptance, acceptanceUnknown, doubleSampling } from '../../agent/spc/sampling.ts';
import { curveAt, outgoingLimit, zeroPlan } from '../../agent/spc/sampling-curves.ts';
import {
  afterInspected,
  inspects,
  skipLotLongRun,
  skipLotStart,
} from '../../agent/spc/skip-lot.ts';
import {
  afterLot,
  type LotResult,
  resumed,
  type Switching,
  switchingStart,
} from '../../agent/spc/switching.ts';
import {
  matchedVariablesPlan,
  variablesLetter,
  variablesPlan,
} from '../../agent/spc/variables-tables.ts';

describe('code letters', () => {
  it.each([
    [8, 'II', 'A'],
    [9, 'II', 'B'],
    [1200, 'II', 'J'],
    [1201, 'II', 'K'],
    [500_001, 'III', 'R'],
    [500_000, 'S-1', 'D'],
    [280, 'I', 'E'],
    [91, 'S-3', 'C'],
    [3200, 'S-4', 'G'],
  ] as const)('a lot of %i at level %s has %s', (lot, level, letter) => {
    expect(codeLetter(lot, level)).toBe(letter);
  });

  it('never fall while lots grow, nor from a level to the next', () => {
    const place = (lot: number, level: (typeof LEVELS)[number]) =>
      LETTERS.indexOf(codeLetter(lot, level) ?? '?');
    const lots = [
      2, 9, 16, 26, 51, 91, 151, 281, 501, 1201, 3201, 10_001, 35_001, 150_001, 500_001,
    ];
    for (const level of LEVELS) {
      const places = lots.map((lot) => place(lot, level));
      expect(places).toEqual([...places].sort((a, b) => a - b));
    }
    for (const lot of lots) expect(place(lot, 'III')).toBe(place(lot, 'II') + 1);
    expect(codeLetter(1, 'II')).toBeNull();
    expect(codeLetter(Number.NaN, 'II')).toBeNull();
  });
});

/** Cells as printed in public copies of the tables (letter, AQL, plan). */
const printed: Record<Severity, [string, number, string, number, number, number][]> = {
  normal: [
    ['A', 6.5, 'A', 2, 0, 1],
    ['A', 10, 'C', 5, 1, 2],
    ['A', 1000, 'A', 2, 30, 31],
    ['B', 1000, 'B', 3, 44, 45],
    ['C', 1000, 'B', 3, 44, 45],
    ['E', 0.65, 'F', 20, 0, 1],
    ['F', 0.65, 'F', 20, 0, 1],
    ['G', 0.65, 'F', 20, 0, 1],
    ['H', 0.65, 'J', 80, 1, 2],
    ['J', 0.65, 'J', 80, 1, 2],
    ['J', 1, 'J', 80, 2, 3],
    ['K', 1, 'K', 125, 3, 4],
    ['L', 1, 'L', 200, 5, 6],
    ['M', 1, 'M', 315, 7, 8],
    ['N', 1, 'N', 500, 10, 11],
    ['P', 1, 'P', 800, 14, 15],
    ['Q', 1, 'Q', 1250, 21, 22],
    ['R', 1, 'Q', 1250, 21, 22],
    ['R', 0.015, 'P', 800, 0, 1],
    ['R', 0.025, 'R', 2000, 1, 2],
  ],
  tightened: [
    ['A', 10, 'D', 8, 1, 2],
    ['B', 6.5, 'B', 3, 0, 1],
    ['G', 0.65, 'G', 32, 0, 1],
    ['H', 0.65, 'K', 125, 1, 2],
    ['K', 0.65, 'K', 125, 1, 2],
    ['J', 1, 'J', 80, 1, 2],
    ['J', 1.5, 'J', 80, 2, 3],
    ['J', 2.5, 'J', 80, 3, 4],
    ['J', 4, 'J', 80, 5, 6],
    ['J', 6.5, 'J', 80, 8, 9],
    ['J', 10, 'J', 80, 12, 13],
    ['J', 15, 'J', 80, 18, 19],
    ['Q', 0.025, 'S', 3150, 1, 2],
    ['R', 0.025, 'S', 3150, 1, 2],
  ],
  reduced: [
    ['A', 10, 'C', 2, 0, 2],
    ['R', 0.015, 'P', 315, 0, 1],
  ],
};

describe('single plans', () => {
  for (const severity of SEVERITIES) {
    it.each(printed[severity])(`${severity}: letter %s, AQL %f is %s %i %i/%i`, (...cell) => {
      const [from, aql, letter, n, ac, re] = cell;
      expect(singlePlan(from, aql, severity).plan).toEqual({ letter, n, ac, re });
    });
  }

  it('accept most lots at the AQL, and few far above it: no cell is off its diagonal', () => {
    for (const letter of LETTERS.slice(0, -1)) {
      for (const aql of AQLS) {
        const found = singlePlan(letter, aql, 'normal').plan;
        if (found === null || found.letter !== letter) continue;
        const mean = (found.n * aql) / 100;
        expect(poissonCdf(found.ac, mean), `${letter} ${aql}`).toBeGreaterThan(0.86);
        expect(poissonCdf(found.ac, mean), `${letter} ${aql}`).toBeLessThan(0.9995);
        expect(poissonCdf(found.ac, 19 * mean), `${letter} ${aql}`).toBeLessThan(0.11);
      }
    }
  });

  it('tightened is never kinder than normal, at the same sample', () => {
    for (const letter of LETTERS.slice(0, -1)) {
      for (const aql of AQLS) {
        const [normal, tight] = [
          singlePlan(letter, aql, 'normal').plan,
          singlePlan(letter, aql, 'tightened').plan,
        ];
        if (normal === null || tight === null || normal.n !== tight.n) continue;
        expect(tight.ac).toBeLessThanOrEqual(normal.ac);
      }
    }
  });

  it('what is not held is null with a reason', () => {
    for (const [letter, aql, severity] of [
      ['J', 1.2, 'normal'],
      ['I', 1, 'normal'],
      ['', 1, 'normal'],
      ['R', 0.015, 'tightened'],
      ['A', 100, 'reduced'],
    ] as const) {
      const { plan, reason } = singlePlan(letter, aql, severity);
      expect(plan).toBeNull();
      expect(reason).toMatch(/[a-z]{3}/);
    }
    expect(doublePlan('A', 6.5)).toMatchObject({ plan: null });
  });
});

describe('double plans', () => {
  it('as printed in a law that lists them beside their single plans', () => {
    // UK Statutory Instrument 1996/2636, schedule 2: 50 + 50 beside 80/1, 80 + 80 beside 125/2.
    expect(doublePlan('J', 0.65).plan).toMatchObject({ n: 50, ac1: 0, re1: 2, ac2: 1, re2: 2 });
    expect(doublePlan('K', 0.65).plan).toMatchObject({ n: 80, ac1: 0, re1: 3, ac2: 3, re2: 4 });
  });

  it('judge like their single plans, with fewer pieces for good lots', () => {
    for (const aql of [0.65, 1, 1.5, 2.5, 4, 6.5, 10]) {
      const single = singlePlan('J', aql, 'normal').plan;
      const double = doublePlan('J', aql).plan;
      if (single === null || double === null) throw new Error('both are there');
      const { n, ac1, re1, ac2 } = double;
      const plan = { n1: n, c1: ac1, r1: re1, n2: n, c2: ac2 };
      for (const p of [0.25, 0.5, 1, 2, 3, 4].map((times) => (times * aql) / 100)) {
        const own = doubleSampling(plan, p).pa;
        expect(Math.abs(own - acceptance('binomial', single.n, single.ac, p))).toBeLessThan(0.08);
      }
      expect(doubleSampling(plan, aql / 400).asn).toBeLessThan(single.n);
    }
  });
});

describe('plans on variables', () => {
  it('as printed (Z1.9, standard deviation method)', () => {
    expect(variablesLetter(1000, 'II')).toBe('J');
    expect(variablesLetter(300, 'II')).toBe('H');
    expect(variablesLetter(450, 'II')).toBe('I');
    expect(variablesPlan('J', 1, 'normal').plan).toEqual({ letter: 'J', n: 35, k: 1.89 });
    // Montgomery: 100 pieces, AQL 1 %: k = 2.00, tightened 2.14.
    expect(variablesPlan('M', 1, 'normal').plan?.k).toBe(2);
    expect(variablesPlan('M', 1, 'tightened').plan?.k).toBe(2.14);
    expect(variablesPlan('B', 1, 'normal').plan).toEqual({ letter: 'C', n: 4, k: 1.45 });
    expect(variablesPlan('G', 0.1, 'tightened').plan?.k).toBe(2.53);
  });

  it('accept about nine lots of ten at the AQL or more: no figure is mistyped', () => {
    for (const letter of 'BCDEFGHIJKLMNP') {
      for (const aql of AQLS) {
        const { plan } = variablesPlan(letter, aql, 'normal');
        if (plan === null || plan.letter !== letter) continue;
        const pa = acceptanceUnknown(plan.n, plan.k, aql / 100) ?? 0;
        expect(pa, `${letter} ${aql}`).toBeGreaterThan(0.86);
        expect(pa, `${letter} ${aql}`).toBeLessThan(0.992);
      }
    }
  });

  it('what was not seen printed is null with a reason', () => {
    expect(variablesPlan('K', 4, 'normal')).toMatchObject({ plan: null, reason: /held/ });
    expect(variablesPlan('K', 1, 'reduced').plan).toBeNull();
    expect(variablesPlan('K', 25, 'normal').plan).toBeNull();
    expect(variablesPlan('Z', 1, 'normal').plan).toBeNull();
    expect(variablesLetter(1, 'II')).toBeNull();
  });

  it('the matched plan goes through the same two points', () => {
    const matched = matchedVariablesPlan(80, 2);
    if (matched === null) throw new Error('there is one');
    expect(acceptance('binomial', 80, 2, matched.p95)).toBeCloseTo(0.95, 9);
    expect(acceptance('binomial', 80, 2, matched.p10)).toBeCloseTo(0.1, 9);
    expect(acceptanceUnknown(matched.n, matched.k, matched.p95)).toBeGreaterThanOrEqual(0.95);
    expect(acceptanceUnknown(matched.n, matched.k, matched.p10)).toBeLessThanOrEqual(0.1);
    expect(matched.n).toBeLessThan(80);
  });
});

describe('accept on zero', () => {
  it.each([
    [0.01, 0.1, 230],
    [0.005, 0.1, 460],
    [0.01, 0.05, 299],
  ])('%f bad passing with %f needs %i pieces', (limit, beta, n) => {
    expect(zeroPlan(limit, beta)?.n).toBe(n);
    expect((1 - limit) ** (n - 1)).toBeGreaterThan(beta);
  });

  it('needs fewer from a small lot, never more than there are', () => {
    expect(zeroPlan(0.01, 0.1, 1000)?.n).toBe(205);
    expect(zeroPlan(0.01, 0.1, 100)?.n).toBe(90);
    expect(zeroPlan(0.01, 0.1, 2)?.n).toBe(2);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 1, max: 99 }),
        (lot, pct) => {
          const plan = zeroPlan(pct / 100, 0.1, lot);
          expect(plan?.n).toBeLessThanOrEqual(lot);
          expect(plan?.paAtLimit).toBeLessThanOrEqual(0.1);
        },
      ),
      { numRuns: 60 },
    );
    for (const [limit, beta] of [
      [0, 0.1],
      [1, 0.1],
      [0.01, 0],
    ] as const) {
      expect(zeroPlan(limit, beta)).toBeNull();
    }
    expect(zeroPlan(0.01, 0.1, 0)).toBeNull();
  });
});

describe('curves', () => {
  it('AOQL as printed: y/n with y = 0.3679, 0.8400, 1.371, 1.942 (Schilling)', () => {
    [0.3679, 0.84, 1.371, 1.942].forEach((y, ac) => {
      const found = outgoingLimit({ n: 1000, ac }, 1_000_000_000);
      expect((found?.aoql ?? 0) * 1000).toBeCloseTo(y, 2.4);
    });
  });

  it('fall with p; without a lot there is no outgoing quality', () => {
    const plans = [
      { n: 80, ac: 2 },
      { n1: 50, c1: 0, r1: 3, n2: 50, c2: 3 },
    ];
    for (const plan of plans) {
      let last = 1;
      for (const p of [0, 0.01, 0.02, 0.05, 0.1, 0.3]) {
        const one = curveAt(plan, p, 1000);
        expect(one.pa).toBeLessThanOrEqual(last);
        last = one.pa;
        expect(one.aoq).toBeLessThanOrEqual(p);
        expect(one.ati).toBeGreaterThanOrEqual(50);
        expect(one.ati).toBeLessThanOrEqual(1000);
      }
      expect(curveAt(plan, 0, 1000)).toMatchObject({ pa: 1, aoq: 0 });
      expect(curveAt(plan, 0.1, null)).toMatchObject({ aoq: null, ati: null });
    }
    expect(outgoingLimit({ n: 80, ac: 2 }, 50)).toBeNull();
  });
});

const lot = (accepted: boolean, own: Partial<LotResult> = {}): LotResult => ({
  accepted,
  ac: 2,
  acceptedTighter: accepted,
  ...own,
});
const rules = { scheme: 'iso', allowReduced: true } as const;
const feed = (
  word: string,
  own: Partial<LotResult> = {},
  by: Parameters<typeof afterLot>[2] = rules,
) => [...word].reduce((s, c) => afterLot(s, lot(c === 'a', own), by), switchingStart());

describe('switching rules', () => {
  it('two of five or fewer lots rejected: tightened', () => {
    expect(feed('rr').severity).toBe('tightened');
    expect(feed('raaar').severity).toBe('tightened');
    expect(feed('raaaar').severity).toBe('normal');
  });

  it('five accepted in a row on tightened: normal; five rejected on it: discontinued', () => {
    expect(feed('rraaaaa').severity).toBe('normal');
    expect(feed('rraaaaraaaa').severity).toBe('tightened');
    expect(feed('rrraraarararaaaaaaa').severity).toBe('discontinued');
    expect(feed('rrraraarararaaaaaaa').severity).toBe(feed('rrrarararara').severity);
    expect(resumed(feed('rrrrrrr')).severity).toBe('tightened');
    expect(resumed(feed('aa')).severity).toBe('normal');
  });

  it('the score: 3 each while one AQL tighter would do, 2 each for small numbers; 30 is enough', () => {
    expect(feed('aaaaaaaaa')).toMatchObject({ severity: 'normal', score: 27 });
    expect(feed('aaaaaaaaaa').severity).toBe('reduced');
    const small = { ac: 1 };
    expect(feed('a'.repeat(14), small)).toMatchObject({ severity: 'normal', score: 28 });
    expect(feed('a'.repeat(15), small).severity).toBe('reduced');
    expect(feed('aaa', { acceptedTighter: false }).score).toBe(0);
    expect(feed('aaara').score).toBe(3);
  });

  it('105e: ten accepted in a row; neither scheme where reduced is not allowed', () => {
    const by = { scheme: '105e', allowReduced: true } as const;
    expect(feed('a'.repeat(9), { acceptedTighter: false }, by).severity).toBe('normal');
    expect(feed('a'.repeat(10), { acceptedTighter: false }, by).severity).toBe('reduced');
    expect(feed('a'.repeat(40), {}, { ...rules, allowReduced: false }).severity).toBe('normal');
  });

  it('the first rejected lot, or one in the gap, ends reduced inspection', () => {
    const reduced = feed('aaaaaaaaaa');
    expect(afterLot(reduced, lot(true), rules).severity).toBe('reduced');
    expect(afterLot(reduced, lot(false), rules)).toEqual(switchingStart());
    expect(afterLot(reduced, lot(true, { inGap: true }), rules)).toEqual(switchingStart());
  });

  it('equals the rules read off the whole history, and can be written down after any lot', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 80 }), (history) => {
        let state: Switching = switchingStart();
        const walked = history.map((accepted) => {
          state = JSON.parse(JSON.stringify(afterLot(state, lot(accepted), rules)));
          return state.severity;
        });
        expect(walked).toEqual(naive(history));
      }),
      { numRuns: 300 },
    );
  });
});

/** Every switch looked up in the history since the one before it. */
function naive(history: boolean[]): Switching['severity'][] {
  const said: Switching['severity'][] = [];
  let severity: Switching['severity'] = 'normal';
  let since: boolean[] = [];
  for (const accepted of history) {
    since.push(accepted);
    const before: Switching['severity'] = severity;
    if (severity === 'normal') {
      const lastFive = since.slice(-5).filter((one) => !one).length;
      const good = since.length - 1 - since.lastIndexOf(false);
      if (lastFive >= 2) severity = 'tightened';
      else if (3 * good >= 30) severity = 'reduced';
    } else if (severity === 'tightened') {
      if (since.filter((one) => !one).length >= 5) severity = 'discontinued';
      else if (since.length >= 5 && since.slice(-5).every(Boolean)) severity = 'normal';
    } else if (severity === 'reduced' && !accepted) severity = 'normal';
    if (severity !== before) since = [];
    said.push(severity);
  }
  return said;
}

describe('skip-lot', () => {
  const plan = { clearing: 4, fraction: 0.25 };

  it('starts to skip after the clearing run, and stops at a rejected lot', () => {
    let state = skipLotStart();
    for (let i = 0; i < 3; i += 1) state = afterInspected(state, plan, true);
    expect(inspects(state, plan, 0.99)).toBe(true);
    state = afterInspected(state, plan, true);
    expect([inspects(state, plan, 0.99), inspects(state, plan, 0.2)]).toEqual([false, true]);
    expect(afterInspected(state, plan, false)).toEqual(skipLotStart());
  });

  it('the machine does in the long run what the formula says', () => {
    let seed = 12345;
    const chance = () => {
      seed = (seed * 48271) % 2147483647;
      return seed / 2147483647;
    };
    let state = skipLotStart();
    let [inspected, accepted] = [0, 0];
    const lots = 200_000;
    for (let i = 0; i < lots; i += 1) {
      if (!inspects(state, plan, chance())) {
        accepted += 1;
        continue;
      }
      const good = chance() < 0.8;
      inspected += 1;
      accepted += good ? 1 : 0;
      state = afterInspected(state, plan, good);
    }
    const long = skipLotLongRun(0.8, plan);
    expect(inspected / lots).toBeCloseTo(long?.inspected ?? 0, 2);
    expect(accepted / lots).toBeCloseTo(long?.pa ?? 0, 2);
  });

  it('is the plain plan where nothing is skipped, and null for what is no plan', () => {
    const all = skipLotLongRun(0.8, { clearing: 4, fraction: 1 });
    expect(all?.inspected).toBe(1);
    expect(all?.pa).toBeCloseTo(0.8, 12);
    expect(skipLotLongRun(0, plan)).toEqual({ pa: 0, inspected: 1 });
    expect(skipLotLongRun(0.8, { clearing: 0, fraction: 0.5 })).toBeNull();
    expect(skipLotLongRun(0.8, { clearing: 4, fraction: 0 })).toBeNull();
    expect(skipLotLongRun(Number.NaN, plan)).toBeNull();
  });
});
