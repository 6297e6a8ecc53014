/** What carries bytes to the other side: a socket or a serial line. Used once, never reopened. */
export interface Wire {
  write(bytes: Buffer): void;
  /** ends it at once; `onDown` is not called for it */
  destroy(): void;
}

export interface WireEvents {
  onUp(): void;
  onData(chunk: Buffer): void;
  /** it is over, or never began */
  onDown(reason: string): void;
}

/** A wire that could not even be tried. */
export function stillborn(events: WireEvents, reason: string): Wire {
  const told = setImmediate(() => events.onDown(reason));
  return { write() {}, destroy: () => clearImmediate(told) };
}
