/** Small dense matrices: solving, inverse and determinant by elimination with row exchange. */

export type Matrix = number[][];

/** Solves A x = b; null when A is singular to working accuracy. */
export function solveLinear(a: Matrix, b: readonly number[]): number[] | null {
  const columns = eliminate(
    a,
    b.map((value) => [value]),
  );
  return columns === null ? null : columns.map((row) => row[0] as number);
}

/** Inverse; null when singular. */
export function inverse(a: Matrix): Matrix | null {
  return eliminate(
    a,
    a.map((_, i) => a.map((_unused, j) => (i === j ? 1 : 0))),
  );
}

/** Determinant. */
export function determinant(a: Matrix): number {
  const rows = a.map((row) => Float64Array.from(row));
  let product = 1;
  for (let c = 0; c < rows.length; c += 1) {
    const best = pivotRow(rows, c);
    if (best !== c) {
      swap(rows, best, c);
      product = -product;
    }
    const pivot = rows[c]?.[c] ?? 0;
    product *= pivot;
    if (pivot === 0) return 0;
    for (let r = c + 1; r < rows.length; r += 1) subtract(rows, r, c, c);
  }
  return product;
}

/** v' M v for a symmetric M. */
export function quadraticForm(m: Matrix, v: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < v.length; i += 1) {
    for (let j = 0; j < v.length; j += 1) {
      sum += (v[i] as number) * (m[i]?.[j] ?? 0) * (v[j] as number);
    }
  }
  return sum;
}

function eliminate(a: Matrix, right: number[][]): Matrix | null {
  const n = a.length;
  const rows = a.map((row, i) => Float64Array.from([...row, ...(right[i] ?? [])]));
  const scale = Math.max(...a.map((row) => Math.max(...row.map(Math.abs))));
  for (let c = 0; c < n; c += 1) {
    swap(rows, pivotRow(rows, c), c);
    const pivot = rows[c]?.[c] ?? 0;
    if (!(Math.abs(pivot) > 1e-15 * scale)) return null;
    for (let r = c + 1; r < n; r += 1) subtract(rows, r, c, c);
  }
  for (let c = n - 1; c >= 0; c -= 1) {
    const row = rows[c] as Float64Array;
    const pivot = row[c] as number;
    for (let j = n; j < row.length; j += 1) row[j] = (row[j] as number) / pivot;
    row[c] = 1;
    for (let r = 0; r < c; r += 1) subtract(rows, r, c, n);
  }
  return rows.map((row) => Array.from(row.subarray(n)));
}

function pivotRow(rows: Float64Array[], c: number): number {
  let best = c;
  for (let r = c + 1; r < rows.length; r += 1) {
    if (Math.abs(rows[r]?.[c] ?? 0) > Math.abs(rows[best]?.[c] ?? 0)) best = r;
  }
  return best;
}

function swap(rows: Float64Array[], i: number, j: number): void {
  const kept = rows[i] as Float64Array;
  rows[i] = rows[j] as Float64Array;
  rows[j] = kept;
}

/** rows[r] minus the multiple of rows[c] that clears column c; columns from `from` on. */
function subtract(rows: Float64Array[], r: number, c: number, from: number): void {
  const target = rows[r] as Float64Array;
  const source = rows[c] as Float64Array;
  const factor = (target[c] as number) / (source[c] as number);
  if (factor === 0) return;
  target[c] = 0;
  for (let j = Math.max(from, c + 1); j < target.length; j += 1) {
    target[j] = (target[j] as number) - factor * (source[j] as number);
  }
}
