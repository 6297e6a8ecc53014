/** Faster than this and machines would finish parts within one poll of the agent. */
export const SHORTEST_CYCLE_MS = 50;

/** Calls `step` at once and then every cycle; the result ends it. A late cycle is not made up for. */
export function startPace(secondsPerCycle: number, speed: number, step: () => void): () => void {
  const cycleMs = Math.max(SHORTEST_CYCLE_MS, (secondsPerCycle * 1000) / speed);
  let timer: NodeJS.Timeout;
  const tick = () => {
    step();
    timer = setTimeout(tick, cycleMs);
  };
  tick();
  return () => clearTimeout(timer);
}
