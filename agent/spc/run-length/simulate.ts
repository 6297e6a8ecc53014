/** Run lengths by simulation, where no exact method exists. */

/** An average run length with the standard error of its estimate. */
export interface SimulatedRunLength {
  arl: number;
  standardError: number;
  runs: number;
  /** runs that were cut at `mostPoints`: the average is then too small */
  cut: number;
}

/** A chart in use: `restart` forgets everything, `signals` takes the next point. */
export interface SimulatedChart {
  restart(): void;
  signals(): boolean;
}

/** Runs a chart to its signal so many times. */
export function simulateRunLength(
  chart: SimulatedChart,
  runs: number,
  mostPoints = 100_000,
): SimulatedRunLength {
  let sum = 0;
  let squares = 0;
  let cut = 0;
  for (let run = 0; run < runs; run += 1) {
    chart.restart();
    let length = 1;
    while (!chart.signals() && length < mostPoints) length += 1;
    if (length >= mostPoints) cut += 1;
    sum += length;
    squares += length * length;
  }
  const arl = sum / runs;
  const variance = Math.max(0, squares / runs - arl * arl);
  return { arl, standardError: Math.sqrt(variance / Math.max(1, runs - 1)), runs, cut };
}
