/** Evenly spaced items of a row that is not known to end: every so many, ever sparser. */
export interface Sampler<T> {
  /** Offers the next item; it is made only when it is kept. */
  offer(make: () => T): void;
  items(): T[];
}

/** Keeps from `most` to twice as many items, evenly spaced, the first always among them. */
export function sampler<T>(most: number): Sampler<T> {
  let kept: T[] = [];
  let every = 1;
  let next = 0;
  let seen = 0;
  return {
    offer(make) {
      if (seen === next) {
        kept.push(make());
        next += every;
        if (kept.length === 2 * most) {
          kept = kept.filter((_, i) => i % 2 === 0);
          every *= 2;
          next = seen + every - ((seen + every) % every);
        }
      }
      seen += 1;
    },
    items: () => kept,
  };
}
