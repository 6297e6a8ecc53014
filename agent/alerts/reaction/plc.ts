/**
 * The one place of a PLC that a reaction may set. Whoever opens it sees to it that nothing else can
 * be written through it. All calls reject when there was no sound answer.
 */
export interface PlcPlace {
  /** sets the level; resolves when the PLC has confirmed it */
  set(): Promise<void>;
  /** true when the place has the level that `set` gives it */
  isSet(): Promise<boolean>;
  /** counts the heartbeat register up; does nothing without one */
  beat(count: number): Promise<void>;
  close(): void;
}
