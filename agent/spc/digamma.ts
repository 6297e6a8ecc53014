/** First and second derivative of ln Gamma for x > 0, by recurrence and asymptotic series. */

/** Derivative of ln Gamma(x), x > 0: Abramowitz & Stegun 6.3.5 and 6.3.18. */
export function digamma(x: number): number {
  let shifted = x;
  let sum = 0;
  while (shifted < 12) {
    sum -= 1 / shifted;
    shifted += 1;
  }
  const r = 1 / (shifted * shifted);
  const inner = 1 / 240 - r * (1 / 132 - r * (691 / 32760 - r / 12));
  const series = r * (1 / 12 - r * (1 / 120 - r * (1 / 252 - r * inner)));
  return sum + Math.log(shifted) - 0.5 / shifted - series;
}

/** Second derivative of ln Gamma(x), x > 0: Abramowitz & Stegun 6.4.6 and 6.4.12. */
export function trigamma(x: number): number {
  let shifted = x;
  let sum = 0;
  while (shifted < 12) {
    sum += 1 / (shifted * shifted);
    shifted += 1;
  }
  const r = 1 / (shifted * shifted);
  const inner = 1 / 30 - r * (1 / 42 - r * (1 / 30 - r * (5 / 66)));
  return sum + 1 / shifted + 0.5 * r + (r / shifted) * (1 / 6 - r * inner);
}
