/** '4,97' is 4.97, as people type it; null for anything that is no plain number. */
export function numberOf(text: string): number | null {
  const plain = /^\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)\s*$/.test(text);
  return plain ? Number(text.replace(',', '.')) : null;
}
