/** How the characters of a string stand in registers. */
export const PACKINGS = ['two', 'high', 'low'] as const;
export type Packing = (typeof PACKINGS)[number];

/** Reads text, cut at the first NUL, ends trimmed; `swapped`: low byte of a register first. */
export function readText(
  view: DataView,
  at: number,
  characters: number,
  order: string,
  packing: Packing = 'two',
): string {
  const swap = order === 'BA' ? 1 : 0;
  let text = '';
  for (let i = 0; i < characters; i += 1) {
    const place = packing === 'two' ? i ^ swap : 2 * i + (packing === 'low' ? 1 : 0);
    const code = view.getUint8(at + place);
    if (code === 0) break;
    text += String.fromCharCode(code);
  }
  return text.trim();
}
