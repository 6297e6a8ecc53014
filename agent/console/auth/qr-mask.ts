/** Conditions of the eight masks (ISO/IEC 18004, table 10): where zero, the module is turned over. */
const MASKS: readonly ((x: number, y: number) => number)[] = [
  (x, y) => (x + y) % 2,
  (_x, y) => y % 2,
  (x) => x % 3,
  (x, y) => (x + y) % 3,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2,
  (x, y) => ((x * y) % 2) + ((x * y) % 3),
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
];

export type Rows = (boolean | null)[][];

/** The masked picture that is easiest to read; `format` writes a mask's number into it. */
export function bestMasked(
  grid: Rows,
  free: readonly boolean[][],
  format: (grid: Rows, mask: number) => void,
): Rows {
  const pictures = MASKS.map((mask, n) => {
    const rows = grid.map((row, y) =>
      row.map((cell, x) => (free[y]?.[x] && mask(x, y) === 0 ? !cell : cell)),
    );
    format(rows, n);
    return { rows, penalty: penaltyOf(rows) };
  });
  return pictures.reduce((best, one) => (one.penalty < best.penalty ? one : best)).rows;
}

/** Features that make reading hard, weighed as in ISO/IEC 18004, 7.8.3.1. */
function penaltyOf(rows: Rows): number {
  const size = rows.length;
  const across = rows.map((row) => row.map((cell) => (cell ? '1' : '0')).join(''));
  const down = rows.map((_, x) => across.map((line) => line[x]).join(''));
  let penalty = 0;
  for (const line of [...across, ...down]) {
    for (const run of line.match(/0{5,}|1{5,}/g) ?? []) penalty += run.length - 2;
    penalty += 40 * (line.match(/(?=10111010000|00001011101)/g)?.length ?? 0);
  }
  for (let y = 1; y < size; y += 1) {
    for (let x = 1; x < size; x += 1) {
      const four = `${across[y - 1]?.slice(x - 1, x + 1)}${across[y]?.slice(x - 1, x + 1)}`;
      if (four === '0000' || four === '1111') penalty += 3;
    }
  }
  const dark = across.join('').replaceAll('0', '').length / (size * size);
  return penalty + 10 * Math.floor(Math.abs(dark - 0.5) * 20);
}
