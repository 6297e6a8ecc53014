/**
 * Tells a sensor that hangs from one that is steady: so many equal values in a row are no chance.
 * Where a coarse resolution makes equal values common, more are needed: were the values independent,
 * a run of n has a chance of at most p^(n-1), p the share of the most common value, and p is at
 * most the root of the share of equal neighbours.
 */
export interface StuckTest {
  /** takes the next value; true while it hangs */
  next(value: number): boolean;
  /** equal values in a row that are too many, now */
  needed(): number;
}

/** Chance of one false find at a value: less than one in a million values, with room. */
const CHANCE = 1e-8;
/** Neighbours that are needed before their share says anything; until then it takes as many. */
const LEARN = 200;
/** Standard errors by which the share may be larger than what was seen. */
const SURE = 3;

/** `after`: equal values in a row at least. */
export function stuckTest(after: number): StuckTest {
  let last = Number.NaN;
  let run = 0;
  let pairs = 0;
  let equal = 0;
  let most = Math.max(after, LEARN);
  const learn = () => {
    // How long it hung says nothing of how the sensor is when it is well.
    const counted = Math.min(run, most);
    pairs += counted;
    equal += counted - 1;
    if (pairs < LEARN) return;
    const share = (equal + 1) / (pairs + 2);
    const common = Math.sqrt(Math.min(1, share + SURE * Math.sqrt((share * (1 - share)) / pairs)));
    most = Math.max(after, 1 + Math.ceil(Math.log(CHANCE) / Math.log(common)));
  };
  return {
    next(value) {
      if (value === last) run += 1;
      else {
        if (run > 0) learn();
        last = value;
        run = 1;
      }
      return run >= most;
    },
    needed: () => most,
  };
}
