/** Faster than this and machines would finish parts within one poll of the agent. */
export const SHORTEST_CYCLE_MS = 50;
const LOOK_AGAIN_MS = 10;
/** two seconds: then the line goes on although nobody reads */
const MOST_LOOKS = 200;

/**
 * Calls `step` at once and then every cycle; the result ends it. A late cycle is not made up for.
 * A line that is faster than life waits until its last part was `seen`: a busy computer slows it
 * down, and does not hide parts that a real machine would have shown for a hundred polls.
 */
export function startPace(
  secondsPerCycle: number,
  speed: number,
  step: () => void,
  seen: () => boolean = () => true,
): () => void {
  const cycleMs = Math.max(SHORTEST_CYCLE_MS, (secondsPerCycle * 1000) / speed);
  const mostLooks = speed > 1 ? MOST_LOOKS : 0;
  let timer: NodeJS.Timeout;
  let looks = 0;
  const tick = () => {
    const wait = looks < mostLooks && !seen();
    looks = wait ? looks + 1 : 0;
    if (!wait) step();
    timer = setTimeout(tick, wait ? LOOK_AGAIN_MS : cycleMs);
  };
  tick();
  return () => clearTimeout(timer);
}
