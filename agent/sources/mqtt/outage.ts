import { sayDuration } from '../../runtime/duration.ts';

/** Tells people once that the broker is away for long, and once that it is back. */
export interface Outage {
  tick(down: boolean, detail: string, nowMs: number): void;
}

const TOLD_AFTER_MS = 60_000;

export function createOutage(report: (severity: 'warning' | 'info', text: string) => void): Outage {
  let since = 0;
  let away = false;
  let told = false;
  return {
    tick(down, detail, nowMs) {
      if (down && !away) since = nowMs;
      const lasted = nowMs - since;
      if (down && !told && away && lasted >= TOLD_AFTER_MS) {
        told = true;
        report('warning', `no connection for ${sayDuration(lasted)}: ${detail}`);
      }
      if (!down && told) {
        told = false;
        report('info', `connected again after ${sayDuration(lasted)}`);
      }
      away = down;
    },
  };
}
