/** Inputs of the kinds of reference case that take no data: charts and plans by their settings. */
export const fixedInputs: Record<string, () => Record<string, unknown>[]> = {
  'tolerance-factor': () => [1, 2, 3, 1000].map((n) => ({ n, coverage: 0.99, confidence: 0.95 })),
  'arl-shewhart': () => [{ k: 3, n: 1, shifts: [0, 10, 40] }],
  'arl-rules': () => [
    { rules: ['6-trend'], shifts: [0] },
    { rules: ['beyond-limits'], shifts: [0, 50] },
    { rules: ['15-within-1sigma'], shifts: [0, 20] },
  ],
  'arl-ewma': () => [
    { lambda: 1, L: 3, shifts: [0] },
    { lambda: 0.1, L: 2.7, shifts: [0, 50], limits: 'exact' },
  ],
  'arl-cusum': () => [
    { k: 0.5, h: 4, shifts: [0, 30] },
    { k: 0.5, h: 4, headStart: 4, shifts: [0, 3] },
  ],
  'arl-mewma': () => [
    { lambda: 0.1, h: 8, p: 1 },
    { lambda: 1, h: 8, p: 3 },
  ],
  'oc-attributes': () => [
    { n: 10, c: 0, model: 'binomial', p: [0, 1, 0.5], lotSize: 10 },
    { n: 10, c: 10, model: 'poisson', p: [0, 1] },
    { n: 10, c: 0, model: 'hypergeometric', lotSize: 10, defectives: [0, 10] },
  ],
  'oc-double': () => [{ n1: 10, c1: 0, r1: 2, n2: 10, c2: 1, p: [0, 1, 0.5] }],
  'oc-variables': () => [
    { n: 2, k: 1, sigma: 'unknown', p: [0, 1, 0.5, 0.001] },
    { n: 2, k: 1, sigma: 'known', p: [0, 1, 0.5] },
    { n: 1, k: 1, sigma: 'unknown', p: [0.1] },
  ],
  'oc-attribute-chart': () => [
    { chart: 'np', n: 10, p0: 0, p: [0, 1] },
    { chart: 'p', n: 10, p0: 0.1, p: [0, 1, 0.5] },
    { chart: 'c', c0: 0, c: [0, 1] },
    { chart: 'u', n: 2, u0: 4, u: [0, 4, 1e3] },
  ],
  'plan-attributes': () => [
    { p1: 0.01, p2: 0.01, alpha: 0.05, beta: 0.1 },
    { p1: 0.01, p2: 0.05, alpha: 0.05, beta: 0.1 },
    { p1: 0.05, p2: 0.01, alpha: 0.05, beta: 0.1 },
  ],
  'plan-variables': () => [
    { p1: 0.01, p2: 0.01, alpha: 0.05, beta: 0.1 },
    { p1: 0.05, p2: 0.01, alpha: 0.05, beta: 0.1 },
  ],
  constants: () => [{ n: [2, 1, 0, 2.5, 1000] }],
  d2star: () => [{ m: [2, 1], g: [1, 0] }],
  distribution: () => [
    { distribution: 'normal', op: 'cdf', params: { mean: 0, sd: 0 }, x: [0] },
    { distribution: 't', op: 'quantile', params: { df: 0 }, p: [0, 1, 0.5] },
    { distribution: 't', op: 'quantile', params: { df: 'Infinity' }, p: [0, 1, 0.5] },
    { distribution: 't', op: 'cdf', params: { df: 'Infinity' }, x: [0, 1] },
    { distribution: 'chi2', op: 'quantile', params: { df: 0 }, p: [0.5] },
    { distribution: 'f', op: 'quantile', params: { df1: 1, df2: 'Infinity' }, p: [0.5, 0, 1] },
    { distribution: 'f', op: 'cdf', params: { df1: 1, df2: 'Infinity' }, x: [0.5, 0] },
    { distribution: 'beta', op: 'quantile', params: { a: 0, b: 1 }, p: [0.5] },
    { distribution: 'noncentral-t', op: 'cdf', params: { df: 3, ncp: 50 }, x: [0, 50] },
    { distribution: 'noncentral-t', op: 'quantile', params: { df: 3, ncp: 1 }, p: [0, 1, 0.5] },
    {
      distribution: 'studentized-range',
      op: 'quantile',
      params: { k: 2, df: 'Infinity' },
      p: [0.5, 0, 1],
    },
    { distribution: 'binomial', op: 'quantile', params: { n: 0, p: 0.5 }, p: [0.5] },
    { distribution: 'binomial', op: 'cdf', params: { n: 5, p: 0 }, x: [-1, 0, 5, 6] },
    { distribution: 'poisson', op: 'cdf', params: { mean: 0 }, x: [-1, 0] },
    { distribution: 'poisson', op: 'quantile', params: { mean: 0 }, p: [0.5, 0, 1] },
    { distribution: 'poisson', op: 'sf', params: { mean: 3 }, x: [-1, 0] },
  ],
};
