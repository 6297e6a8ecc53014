/** What a missing key is taken for. */
export const NO_KEY = 0;

/**
 * A text as a whole number below 2^53, so that state which holds numbers only can tell whether it
 * is still the same part or tool; never NO_KEY. Two different texts meet once in 10^15 times
 * (Bryant's cyrb53).
 */
export function keyOf(text: string | undefined): number {
  if (text === undefined || text === '') return NO_KEY;
  let a = 0xdead_beef;
  let b = 0x41c6_ce57;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2_654_435_761);
    b = Math.imul(b ^ code, 1_597_334_677);
  }
  a = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909);
  b = Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(a ^ (a >>> 13), 3_266_489_909);
  return 4_294_967_296 * (2_097_151 & b) + (a >>> 0) + 1;
}
