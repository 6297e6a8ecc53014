export const FLAG_REDELIVERED = 1;
export const FLAG_SPARSE = 2;
export const FLAG_POLLED = 4;

/** What a source hands over. The object is only read during the call and may be reused. */
export interface Delivery {
  /** names the counter or topic that deduplication works on; short and from a bounded set */
  stream: string;
  /** JSON object of short strings (part, serial, lot, cavity, operator …) or '' */
  context: string;
  /** the bytes as received */
  raw: Uint8Array;
  receiveMs: number;
  /** the counter wraps at this number; 0 = it does not */
  modulus: number;
  /** the broker said that it sends this again */
  redelivered: boolean;
  /** the sequence only names the place (a line of a file): numbers left out are no missed parts */
  sparse?: boolean;
  /** looked at by polling: the newest number seen again is the same part, whatever its bytes say */
  polled?: boolean;
  /**
   * time that the source names and that is not believed, so that the readings have another one:
   * it still tells a repeat from a new reading. NaN or left out when there is none.
   */
  ownMs?: number;
  /** how many entries of the arrays below are valid */
  count: number;
  /** tag numbers as given by `SourceContext.tagNumber` */
  tag: number[];
  /** NaN when the reading is bad */
  value: number[];
  quality: number[];
  sourceMs: number[];
  /** part counter or message counter of the reading; NaN when the source does not count */
  sequence: number[];
}

/** A delivery without readings, with what a source always says of its own. */
export function emptyDelivery(own: Partial<Delivery> = {}): Delivery {
  return {
    stream: '',
    context: '',
    raw: new Uint8Array(0),
    receiveMs: 0,
    modulus: 0,
    redelivered: false,
    count: 0,
    tag: [],
    value: [],
    quality: [],
    sourceMs: [],
    sequence: [],
    ...own,
  };
}
