import { afterAll, describe, expect, it } from 'vitest';
import { desk } from '../support/command.ts';

const at = desk();
afterAll(at.clear);

const sampling = (...args: string[]) => at.run('advise', '--sampling', ...args);

describe('meyar advise --sampling', () => {
  it('gives every plan for a lot', async () => {
    const ran = await sampling('--lot-size', '1000', '--aql', '1.0', '--skip', '10,0.25', '--json');
    expect(ran.code).toBe(0);
    expect(ran.json()).toMatchObject({
      letter: 'J',
      wholeLot: false,
      single: { plan: { letter: 'J', n: 80, ac: 2, re: 3 }, reason: null },
      double: { plan: { n: 50, ac1: 0, re1: 3, ac2: 3, re2: 4 } },
      variables: { plan: { letter: 'J', n: 35, k: 1.89 } },
      zero: { n: 205, limit: 0.01, beta: 0.1 },
    });
    const { curve } = ran.json() as { curve: { p: number; single: { pa: number } }[] };
    expect(curve.map((row) => row.p)).toEqual([0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12]);
    expect(curve[2]?.single.pa).toBeCloseTo(0.9534, 4);
  });

  it('says it in words, with what is not held', async () => {
    const ran = await sampling('--lot-size', '1000', '--aql', '1.0');
    expect(ran.out).toContain('sample 80, accept up to 2, reject from 3');
    expect(ran.out).toContain('worst average outgoing quality: 1.57 %');
    const reduced = await sampling('--lot-size', '1000', '--aql', '1', '--severity', 'reduced');
    expect(reduced.out).toContain('sample 32, accept up to 1, reject from 3; between them accept');
    const small = await sampling('--lot-size', '5', '--aql', '1', '--level', 'S-1');
    expect(small.out).toContain('inspect the whole lot');
    expect(small.out).toContain('level S-1 has no plan on variables');
    const counts = await sampling('--lot-size', '1000', '--aql', '40');
    expect(counts.out).not.toContain('% accepted');
    for (const { out } of [ran, reduced, small, counts]) expect(out).not.toMatch(/NaN|undefined/);
  });

  it.each([
    [['--lot-size', '1000'], /--aql is needed/],
    [['--lot-size', '1000', '--aql', '1.2'], /not in the series/],
    [['--lot-size', '1', '--aql', '1'], /whole number from 2/],
    [['--aql', '1'], /--lot-size/],
    [['--lot-size', '90', '--aql', '1', '--level', 'IV'], /--level IV/],
    [['--lot-size', '90', '--aql', '1', '--limit', '0'], /above 0/],
    [['--lot-size', '90', '--aql', '1', '--skip', '10'], /such as 10,0.25/],
  ])('refuses %j', async (args, message) => {
    const ran = await sampling(...args);
    expect(ran.code).toBe(2);
    expect(ran.err).toMatch(message);
  });
});

describe('lots under the switching rules', () => {
  const file = (bad: number[]) =>
    at.file('lots.csv', `lot,size,bad\n${bad.map((d, i) => `L${i + 1},1000,${d}`).join('\n')}\n`);
  const follow = async (bad: number[], ...more: string[]) => {
    const ran = await sampling(file(bad), '--aql', '1', '--json', ...more);
    expect(ran.err).toBe('');
    return ran.json() as {
      lots: { severity: string; n: number; accepted: boolean | null; next: string | null }[];
      state: { severity: string };
    };
  };

  it('tightens, gives the tightened plan, and stops in the end', async () => {
    const { lots, state } = await follow([4, 5, 2, 2, 2, 2, 2, 0]);
    expect(lots.map((one) => one.accepted)).toEqual([...Array(7).fill(false), null]);
    expect(lots[1]?.next).toBe('tightened');
    expect(lots[6]?.next).toBe('discontinued');
    expect(state.severity).toBe('discontinued');
  });

  it('reduces after ten lots that would pass one AQL tighter, and comes back from the gap', async () => {
    const { lots } = await follow([...Array(10).fill(1), 0, 2, 0]);
    expect(lots.map((one) => one.severity).slice(9)).toEqual([
      'normal',
      'reduced',
      'reduced',
      'normal',
    ]);
    expect(lots[10]).toMatchObject({ n: 32 });
    expect(lots[11]).toMatchObject({ accepted: true, next: 'normal' });
    const never = await follow(Array(12).fill(0), '--no-reduced');
    expect(never.state.severity).toBe('normal');
    const two = await follow(Array(12).fill(2), '--switching', '105e');
    expect(two.lots[9]?.next).toBe('reduced');
  });

  it('the example of the documentation, in words', async () => {
    const ran = await sampling('docs/examples/lots.csv', '--lot-size', '1000', '--aql', '1');
    expect(ran.out).toContain('→ tightened');
    expect(ran.out).toContain('next lot: tightened inspection');
  });

  it('names the row that is no count', async () => {
    const ran = await sampling(at.file('b.csv', 'bad\n1\n1.5\n'), '--lot-size', '90', '--aql', '1');
    expect(ran.code).toBe(2);
    expect(ran.err).toMatch(/row 3/);
    expect((await sampling(at.file('c.csv', 'x\n1\n2\n'), '--aql', '1')).err).toContain(
      "no column 'bad'",
    );
  });
});
