/** The two numerical tools the other formulas share: a bracketed root and fixed quadrature. */

/**
 * Root of a monotone or at least sign-changing f between lo and hi (Brent's method, to the last
 * few bits). null when f has the same sign at both ends or is not a number there.
 */
export function findRoot(f: (x: number) => number, lo: number, hi: number): number | null {
  let a = lo;
  let b = hi;
  let fa = f(a);
  let fb = f(b);
  if (fa === 0) return a;
  if (fb === 0) return b;
  if (!(fa * fb < 0)) return null;
  let c = a;
  let fc = fa;
  let step = b - a;
  let previous = step;
  for (let count = 0; count < 300; count += 1) {
    if (fb * fc > 0) {
      c = a;
      fc = fa;
      step = b - a;
      previous = step;
    }
    if (Math.abs(fc) < Math.abs(fb)) {
      [a, b, c] = [b, c, b];
      [fa, fb, fc] = [fb, fc, fb];
    }
    const tolerance = 2.3e-16 * Math.abs(b) + 1e-308;
    const half = 0.5 * (c - b);
    if (Math.abs(half) <= tolerance || fb === 0) return b;
    const trial = interpolate({ a, b, c, fa, fb, fc, half });
    const useful = Math.abs(previous) >= tolerance && Math.abs(fa) > Math.abs(fb);
    const limit = Math.min(1.5 * Math.abs(half), 0.5 * Math.abs(previous));
    const inside = trial * half > 0 && Math.abs(trial) < limit;
    previous = useful && inside ? step : half;
    step = useful && inside ? trial : half;
    a = b;
    fa = fb;
    b += Math.abs(step) > tolerance ? step : Math.sign(half) * tolerance;
    fb = f(b);
  }
  return b;
}

/** Integral of f over [lo, hi] by `panels` panels of 16-point Gauss-Legendre. */
export function integrate(
  f: (x: number) => number,
  lo: number,
  hi: number,
  panels: number,
): number {
  const half = (hi - lo) / (2 * panels);
  let sum = 0;
  for (let panel = 0; panel < panels; panel += 1) {
    const middle = lo + (2 * panel + 1) * half;
    for (let i = 0; i < NODES.length; i += 1) {
      const offset = half * (NODES[i] as number);
      sum += (WEIGHTS[i] as number) * (f(middle - offset) + f(middle + offset));
    }
  }
  return sum * half;
}

export interface Grid {
  nodes: number[];
  weights: number[];
}

/** Nodes and weights of `panels` panels of 16-point Gauss-Legendre over [lo, hi]. */
export function gaussGrid(lo: number, hi: number, panels: number): Grid {
  const half = (hi - lo) / (2 * panels);
  const nodes: number[] = [];
  const weights: number[] = [];
  for (let panel = 0; panel < panels; panel += 1) {
    const middle = lo + (2 * panel + 1) * half;
    for (let i = 0; i < NODES.length; i += 1) {
      const offset = half * (NODES[i] as number);
      const weight = half * (WEIGHTS[i] as number);
      nodes.push(middle - offset, middle + offset);
      weights.push(weight, weight);
    }
  }
  return { nodes, weights };
}

interface Bracket {
  a: number;
  b: number;
  c: number;
  fa: number;
  fb: number;
  fc: number;
  half: number;
}

/** Secant or inverse quadratic step from b. */
function interpolate({ a, b, c, fa, fb, fc, half }: Bracket): number {
  const s = fb / fa;
  if (a === c) return (2 * half * s) / (1 - s);
  const q = fa / fc;
  const r = fb / fc;
  const top = s * (2 * half * q * (q - r) - (b - a) * (r - 1));
  return -top / ((q - 1) * (r - 1) * (s - 1));
}

/** Positive nodes and weights of the 16-point rule (Abramowitz & Stegun table 25.4). */
const NODES = [
  0.09501250983763744, 0.2816035507792589, 0.45801677765722737, 0.6178762444026438,
  0.755404408355003, 0.8656312023878318, 0.9445750230732326, 0.9894009349916499,
];
const WEIGHTS = [
  0.1894506104550685, 0.18260341504492358, 0.16915651939500254, 0.14959598881657674,
  0.12462897125553388, 0.09515851168249279, 0.062253523938647894, 0.027152459411754096,
];
