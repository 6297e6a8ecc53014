import { noticeOf } from '../../../agent/alerts/notice.ts';
import { createReaction, type Reaction } from '../../../agent/alerts/reaction/reaction.ts';
import { reactionSettings } from '../../../agent/alerts/reaction/settings.ts';
import type { SourceEvent } from '../../../agent/model.ts';
import { systemClock } from '../../../agent/runtime/clock.ts';
import { silentLog } from '../../../agent/runtime/log.ts';
import { openPlace, type Place } from '../../../agent/sources/modbus/place.ts';
import { type Device, startDevice } from '../../support/modbus-device.ts';
import { storedEvent } from '../support.ts';

/** A reaction on a real device, on a clock that jumps over every wait. */
export interface ReactionRig {
  device: Device;
  reaction: Reaction;
  place: Place;
  events: Omit<SourceEvent, 'source'>[];
  nowMs(): number;
  skip(ms: number): void;
  /** an alert of this age; resolves with null, or with what was thrown */
  alert(more?: Parameters<typeof storedEvent>[2] & { ageMs?: number }): Promise<unknown>;
  close(): Promise<void>;
}

export const STOP = {
  enabled: true,
  action: 'light',
  unit: 7,
  write: { coil: 12 },
  when: { subjects: ['od-turned'] },
  timeout: '60ms',
};

export async function reactionRig(
  settings: Record<string, unknown> = {},
  given?: Device,
): Promise<ReactionRig> {
  const device = given ?? (await startDevice());
  const parsed = reactionSettings.parse({ ...STOP, plc: device.url, ...settings });
  let skippedMs = 0;
  const clock = {
    now: () => 1_790_000_000_000 + clock.monotonic(),
    monotonic: () => systemClock.monotonic() + skippedMs,
  };
  const place = openPlace({
    url: device.url,
    unit: parsed.unit,
    table: parsed.write.coil === undefined ? 'holding' : 'coil',
    address: parsed.write.coil ?? parsed.write.register ?? 0,
    value: parsed.write.value,
    heartbeat: parsed.heartbeat?.register ?? null,
    timeoutMs: parsed.timeout,
    clock: systemClock,
    random: () => 0,
  });
  const events: ReactionRig['events'] = [];
  const reaction = createReaction(parsed, {
    name: 'line-1',
    place,
    clock,
    log: silentLog,
    report: (event) => void events.push(event),
    // A connection that was lost needs real time to come back; the rest is skipped.
    async sleep(ms) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      skippedMs += ms;
    },
  });
  let nth = 0;
  return {
    device,
    reaction,
    place,
    events,
    nowMs: clock.monotonic,
    skip(ms) {
      skippedMs += ms;
    },
    alert({ ageMs = 0, ...more } = {}) {
      nth += 1;
      const event = storedEvent(nth, nth, { timeMs: clock.now() - ageMs, ...more });
      const context = { site: 'Lahore', keyPrefix: '', nowMs: clock.now(), staleAfterMs: 1e9 };
      return reaction.send(noticeOf(event, context), new AbortController().signal).then(
        () => null,
        (thrown: unknown) => thrown,
      );
    },
    async close() {
      await reaction.close();
      if (given === undefined) await device.close();
    },
  };
}

/** Writes as they came over the wire. */
export const writesOf = (device: Device) => device.requests.filter((r) => r.code > 4);
