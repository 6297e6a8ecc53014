/** How long the last commits took, and how much was written. */
export interface Figures {
  committed(ms: number, rows: number, bytes: number): void;
  read(): Record<string, number>;
}

const KEPT = 512;

export function openFigures(): Figures {
  const times = new Float64Array(KEPT);
  let commits = 0;
  let rows = 0;
  let bytes = 0;
  let sorted = new Float64Array(0);
  let sortedAt = 0;
  return {
    committed(ms, newRows, newBytes) {
      times[commits % KEPT] = ms;
      commits += 1;
      rows += newRows;
      bytes += newBytes;
    },
    read() {
      if (sortedAt !== commits) {
        sorted = times.slice(0, Math.min(commits, KEPT)).sort();
        sortedAt = commits;
      }
      const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
      return {
        commits,
        rows,
        bytes,
        lastCommitMs: commits === 0 ? 0 : (times[(commits - 1) % KEPT] ?? 0),
        p50CommitMs: at(0.5),
        p99CommitMs: at(0.99),
      };
    },
  };
}
