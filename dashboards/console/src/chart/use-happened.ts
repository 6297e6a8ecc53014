import { useMemo } from 'preact/hooks';
import { useGet, useLive, useNow } from '../hooks.ts';
import type { Alert, Characteristic, Gap, PlantEvent, Point, Reading } from '../types.ts';
import { type Flag, flagsOf } from './happened.ts';

const NONE: never[] = [];
/** Events of other people are seen this soon. */
const BEAT_MS = 10_000;

/** What happened beside the points; asked again when points, alerts or events have come. */
export function useHappened(characteristic: Characteristic, points: Point[] | null): Flag[] {
  const alerts = useLive((state) => state.alerts);
  const turn = useLive((state) => state.sources);
  const slow = `${Math.floor(useNow() / BEAT_MS)}/${turn}`;
  const path = `characteristics/${encodeURIComponent(characteristic.id)}`;
  const events = useGet<PlantEvent[]>('events?limit=300', slow).data ?? NONE;
  const gaps = useGet<Gap[]>('gaps?limit=100', slow).data ?? NONE;
  const readings = useGet<Reading[]>(`${path}/readings?limit=1000`, slow).data ?? NONE;
  const old = useGet<Alert[]>('alerts?limit=200', alerts).data ?? NONE;
  return useMemo(
    () =>
      points === null
        ? []
        : flagsOf({ characteristic, points, events, gaps, alerts: old, readings }),
    [points, events, gaps, old, readings],
  );
}
