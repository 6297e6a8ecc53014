import { strings } from '../strings.ts';
import type { Alert, Status } from '../types.ts';

/** Worst first: the order of tiles, counts and lists. */
export const STATUS_ORDER: Status[] = ['alarm', 'warning', 'stale', 'provisional', 'ok'];

type ShapeName = Status | 'info' | 'down' | 'degraded' | 'up';

const SHAPES: Record<ShapeName, string> = {
  alarm: 'M2 2h12v12H2z',
  down: 'M2 2h12v12H2z',
  warning: 'M8 1.5 15.2 14.2H.8z',
  degraded: 'M8 1.5 15.2 14.2H.8z',
  provisional: 'M8 .8 15.2 8 8 15.2.8 8z',
  stale: 'M8 1.6a6.4 6.4 0 1 0 .01 0z',
  info: 'M8 .8 15.2 8 8 15.2.8 8z',
  ok: 'M8 1.2a6.8 6.8 0 1 0 .01 0z',
  up: 'M8 1.2a6.8 6.8 0 1 0 .01 0z',
};
const HOLLOW = new Set<ShapeName>(['stale', 'provisional', 'info']);

/** A shape per status, so that nothing rests on colour alone: ■ ▲ ○ ◇ ●. */
export function Shape({ name }: { name: ShapeName }) {
  const hollow = HOLLOW.has(name);
  return (
    <svg class={`shape is-${name}`} viewBox="0 0 16 16" aria-hidden="true">
      <path
        d={SHAPES[name]}
        fill={hollow ? 'none' : 'currentColor'}
        stroke="currentColor"
        stroke-width={hollow ? 2 : 0}
      />
    </svg>
  );
}

/** Shape and word. */
export function StatusWord({ status }: { status: Status }) {
  return (
    <span class={`status is-${status}`} title={strings.statusHelp[status]}>
      <Shape name={status} /> {strings.status[status]}
    </span>
  );
}

/** Shape and word of an alert's severity. */
export function SeverityWord({ severity }: { severity: Alert['severity'] }) {
  return (
    <span class={`status is-${severity}`}>
      <Shape name={severity} /> {strings.alerts.severity[severity]}
    </span>
  );
}

/** SC and CC as the drawing marks them. */
export function ClassMark({ name }: { name: 'CC' | 'SC' | 'none' }) {
  if (name === 'none') return null;
  return (
    <abbr class="class-mark" title={strings.class[name]}>
      {name}
    </abbr>
  );
}
