import type { AlertEvent, Gap, Limits, Point, Signal, SourceEvent } from '../model.ts';

/**
 * Where the reducer puts what it finds. The store's writer is one of these; tests and replays have
 * their own. Arguments of `point` and `signal` are reused: copy what you keep.
 */
export interface Outputs {
  point(point: Point): void;
  signal(signal: Signal): void;
  alert(event: AlertEvent): void;
  /** an alert changed without an event: the next snapshot has to know */
  touched?(id: number): void;
  limits(limits: Limits): void;
  gap(gap: Gap): void;
  /** something that happened; those who only look at numbers leave it out */
  event?(event: SourceEvent): void;
  reading(number: number, sourceMs: number, value: number, quality: number, sequence: number): void;
}
