/** The only place of the page that reads the clock. */
export const pageNow = (): number => Date.now();
