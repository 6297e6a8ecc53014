import type { SourceEvent } from '../model.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Space } from '../store/store.ts';
import type { DiskState } from './protocol.ts';

/** The room that is kept for the hour when the disk is full, and whether that hour is now. */
export interface Reserve {
  /** only alarms, what people do, and the end are written; the rest waits unacknowledged */
  scarce(): boolean;
  /** after a failed write: true when room was made, so that it may be tried again at once */
  make(error: unknown): boolean;
  /** once a second; `running`: the store takes writes. What people should be told, each once */
  tick(running: boolean): SourceEvent[];
  /** why not everything is recorded, and since when (monotonic); empty while it is */
  reason(): string;
  sinceMs(): number;
  disk(): DiskState;
}

export interface ReserveOptions {
  space: Space;
  /** below so much free space people are warned */
  minFreeBytes: number;
  /** the error means that there is no room */
  isFull(error: unknown): boolean;
  /** the ballast was needed for the start */
  scarce: boolean;
  clock: Clock;
}

const FULL =
  'the disk is full: only alarms and answers are recorded, readings stay unacknowledged. ' +
  'Make room; nothing else has to be done';

export function createReserve({ space, ...o }: ReserveOptions): Reserve {
  const disk: DiskState = { freeBytes: 0, ballastBytes: 0, low: false, full: o.scarce };
  let sinceMs = o.clock.monotonic();
  /** people know of the full disk, or of the little room */
  const told = { full: false, low: false };
  const event = (severity: SourceEvent['severity'], text: string): SourceEvent => ({
    ...{ source: 'store', kind: 'device', severity, text },
    timeMs: o.clock.now(),
  });
  const look = () => {
    Object.assign(disk, space.look());
    disk.low = disk.freeBytes < o.minFreeBytes;
  };
  return {
    scarce: () => disk.full,
    reason: () => (disk.full ? FULL : ''),
    sinceMs: () => sinceMs,
    disk: () => ({ ...disk }),
    make(error) {
      if (!o.isFull(error)) return false;
      if (!disk.full) sinceMs = o.clock.monotonic();
      disk.full = true;
      return space.release();
    },
    tick(running) {
      const events: SourceEvent[] = [];
      if (disk.full && space.enough()) disk.full = false;
      if (running && !disk.full) space.restore();
      look();
      if (running && disk.full && !told.full) events.push(event('alarm', FULL));
      if (running && !disk.full && told.full) events.push(event('info', 'the disk has room again'));
      if (running) told.full = disk.full;
      if (running && disk.low && !told.low && !disk.full) {
        const free = Math.round(disk.freeBytes / 1e6);
        events.push(
          event('warning', `the disk is nearly full, ${free} MB are free: make room soon`),
        );
      }
      if (running) told.low = disk.low;
      return events;
    },
  };
}
