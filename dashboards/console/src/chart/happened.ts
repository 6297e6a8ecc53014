import { age, fixed } from '../format.ts';
import { strings } from '../strings.ts';
import type { Alert, Characteristic, Gap, PlantEvent, Point, Reading } from '../types.ts';

/** What a vertical mark on a chart can be about, in the order of the legend. */
export const FLAG_KINDS = [
  'tool-change',
  'gauge-change',
  'lot',
  'shift',
  'maintenance',
  'adjustment',
  'note',
  'limits',
  'onset',
  'gap',
  'left-out',
] as const;

export type FlagKind = (typeof FLAG_KINDS)[number];

/** Something that explains a chart: when, what kind, and in words. */
export interface Flag {
  kind: FlagKind;
  atMs: number;
  text: string;
}

/** The letter that stands for a kind, so that nothing rests on colour alone. */
export const LETTERS: Record<FlagKind, string> = {
  'tool-change': 'T',
  'gauge-change': 'G',
  lot: 'L',
  shift: 'S',
  maintenance: 'M',
  adjustment: 'A',
  note: 'N',
  limits: 'V',
  onset: '?',
  gap: '…',
  'left-out': '×',
};

interface Known {
  characteristic: Characteristic;
  points: Point[];
  events: PlantEvent[];
  gaps: Gap[];
  alerts: Alert[];
  readings: Reading[];
}

/** All that happened while the shown points were made, oldest first. */
export function flagsOf(known: Known): Flag[] {
  const first = Date.parse(known.points[0]?.at ?? '');
  if (Number.isNaN(first)) return [];
  const flags = [
    ...known.events.filter((event) => concerns(event, known.characteristic)).map(eventFlag),
    ...betweenPoints(known),
    ...known.alerts.filter((one) => one.subject === known.characteristic.id).map(onsetFlag),
    ...known.readings.filter(isLeftOut).map((one) => leftOutFlag(one, known.characteristic)),
  ];
  return flags.filter((flag) => flag.atMs >= first).sort((a, b) => a.atMs - b.atMs);
}

/** An event of this characteristic, of its machine, or of the whole plant. */
function concerns(event: PlantEvent, { id, machine }: Characteristic): boolean {
  if (event.characteristic !== null) return event.characteristic === id;
  return event.machine === null || event.machine === machine;
}

function eventFlag({ kind, text, by, at }: PlantEvent): Flag {
  const known = FLAG_KINDS.find((one) => one === kind) ?? 'note';
  return { kind: known, atMs: Date.parse(at), text: by === null ? text : `${text} (${by})` };
}

function onsetFlag({ onsetAt, kind }: Alert): Flag {
  return { kind: 'onset', atMs: Date.parse(onsetAt), text: strings.alerts.kinds[kind] };
}

const isLeftOut = ({ quality }: Reading) =>
  quality.startsWith('BAD') || quality === 'UNCERTAIN_LATE';

function leftOutFlag({ at, value, quality }: Reading, { decimals }: Characteristic): Flag {
  const text = strings.flags.leftOut(value === null ? '' : fixed(value, decimals), quality);
  return { kind: 'left-out', atMs: Date.parse(at), text };
}

/** New limits, silence, and parts that never arrived stand between two points. */
function betweenPoints({ characteristic, points, gaps }: Known): Flag[] {
  const flags: Flag[] = [];
  for (let i = 1; i < points.length; i += 1) {
    const [before, after] = [points[i - 1] as Point, points[i] as Point];
    const [fromMs, atMs] = [Date.parse(before.at), Date.parse(after.at)];
    if (after.limitsVersion !== before.limitsVersion) {
      flags.push({ kind: 'limits', atMs, text: strings.chart.limitsVersion(after.limitsVersion) });
    }
    if (atMs - fromMs > characteristic.noDataAfterMs) {
      flags.push({ kind: 'gap', atMs, text: strings.flags.silence(age(atMs - fromMs)) });
    }
    for (const gap of gaps) {
      const missedAt = Date.parse(gap.at);
      if (missedAt < fromMs || missedAt > atMs) continue;
      // The counter of this stream stood before the hole and stands behind it.
      const [low, high] = [before.partSequence ?? Number.NaN, after.partSequence ?? Number.NaN];
      if (low < gap.from && gap.to < high) {
        flags.push({ kind: 'gap', atMs, text: strings.flags.missed(gap.missed) });
      }
    }
  }
  return flags;
}

/** Those that belong to point i: after the point before, up to this one. */
export function flagsAt(flags: Flag[], points: Point[], i: number): Flag[] {
  const from = i === 0 ? Number.NEGATIVE_INFINITY : Date.parse(points[i - 1]?.at ?? '');
  const last = i === points.length - 1;
  const to = last ? Number.POSITIVE_INFINITY : Date.parse(points[i]?.at ?? '');
  return flags.filter(({ atMs }) => atMs > from && atMs <= to);
}
