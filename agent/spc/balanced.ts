/** True when every cell holds as many finite numbers, in a full block of at least one. */
export function isBalanced(values: readonly (readonly (readonly number[])[])[]): boolean {
  const inner = values[0]?.length ?? 0;
  const trials = values[0]?.[0]?.length ?? 0;
  return (
    inner > 0 &&
    trials > 0 &&
    values.every(
      (one) =>
        one.length === inner &&
        one.every((cell) => cell.length === trials && cell.every(Number.isFinite)),
    )
  );
}
