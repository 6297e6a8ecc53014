import { useEffect, useRef, useState } from 'preact/hooks';
import { get } from '../api.ts';
import type { Point } from '../types.ts';

const RETRY_MS = 3_000;

export interface PointsWanted {
  id: string;
  chart: string | undefined;
  limit: number;
  lastPointIndex: number;
  /** false: nobody sees it, ask for nothing */
  seen: boolean;
  /** least time between two requests */
  pauseMs: number;
}

/** The newest points of one chart; only new ones are fetched when the last index grew. */
export function usePoints(wanted: PointsWanted): Point[] | null {
  const { id, chart, limit, lastPointIndex, seen, pauseMs } = wanted;
  const key = `${id}/${chart}/${limit}`;
  const [held, setHeld] = useState<{ key: string; points: Point[] } | null>(null);
  const [turn, setTurn] = useState(0);
  const busy = useRef(false);
  const points = held?.key === key ? held.points : null;
  const last = points?.at(-1)?.index ?? 0;
  const restarted = points !== null && lastPointIndex < last;

  // Turn asks again after a pause.
  useEffect(() => {
    if (!seen || chart === undefined || busy.current) return;
    if (points !== null && !restarted && lastPointIndex <= last) return;
    busy.current = true;
    const known = restarted ? [] : (points ?? []);
    const after = known.at(-1)?.index;
    const path = `characteristics/${encodeURIComponent(id)}/points`;
    const query = `limit=${limit}&chart=${chart}${after === undefined ? '' : `&after=${after}`}`;
    const again = (ms: number) =>
      setTimeout(() => {
        busy.current = false;
        setTurn((n) => n + 1);
      }, ms);
    get<Point[]>(`${path}?${query}`).then(
      (fresh) => {
        setHeld({ key, points: [...known, ...fresh].slice(-limit) });
        again(pauseMs);
      },
      () => again(RETRY_MS),
    );
  }, [key, lastPointIndex, seen, turn]);
  return points;
}
