import type { Clock } from '../../../runtime/clock.ts';
import type { TlsSettings } from '../../../runtime/tls.ts';
import type { Dial } from '../../source.ts';
import type { Fence } from '../fence.ts';
import type { Target } from './target.ts';
import type { Trace } from './trace.ts';

/** What a port is opened with, and what it tells. */
export interface PortOptions {
  target: Target;
  tls: TlsSettings;
  /** what may be written; everything else than reading is held back here */
  fence: Fence;
  connectTimeoutMs: number;
  slots: number;
  /** first transaction id: by chance, so that two connections do not use the same ones */
  firstId: number;
  /** how late an answer may come on a line without ids */
  patienceMs: number;
  clock: Clock;
  trace: Trace | null;
  /** the connection stands and requests may be written */
  dial?: Dial;
  onUp(): void;
  /** the library was given the answer of this slot and has called back */
  onAnswer(slot: number): void;
  /** an answer that is none, or an exception that may be another's; `refused`: 2 or 3 */
  onGarbled(slot: number, refused: boolean): void;
  /** a write that the fence holds back; its slot stays free */
  onFenced(slot: number): void;
  /** an answer nobody waits for: too late, or to another's request */
  onLate(): void;
  /** the connection is over (told once, also when it never began) */
  onDown(reason: string): void;
}
