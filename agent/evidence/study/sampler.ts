/** Evenly spaced items of a row that is not known to end: every so many, ever sparser. */
export interface Sampler<T> {
  /** Whether the next item is to be kept; an item is made and given to `keep` only then. */
  wants(): boolean;
  keep(item: T): void;
  items(): T[];
}

/** Keeps from `most` to twice as many items, evenly spaced, the first always among them. */
export function sampler<T>(most: number): Sampler<T> {
  let kept: T[] = [];
  let every = 1;
  let next = 0;
  let seen = 0;
  return {
    wants() {
      seen += 1;
      return seen > next;
    },
    keep(item) {
      const at = next;
      kept.push(item);
      next += every;
      if (kept.length < 2 * most) return;
      kept = kept.filter((_, i) => i % 2 === 0);
      every *= 2;
      next = at + every - ((at + every) % every);
    },
    items: () => kept,
  };
}
