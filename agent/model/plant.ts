import type { Severity } from './point.ts';

/** A hole in a counted stream: parts from..to (inclusive) never arrived. */
export interface Gap {
  seq: number;
  ordinal: number;
  source: string;
  stream: string;
  from: number;
  to: number;
  missed: number;
  timeMs: number;
}

/** Something a source or a person reports that is not a reading. */
export interface SourceEvent {
  source: string;
  kind: 'session-lost' | 'device' | 'config' | 'note' | PlantEventKind;
  severity: Severity;
  text: string;
  timeMs: number;
  /** what it is about, when that is known */
  characteristic?: string;
  machine?: string;
  /** person who said so */
  by?: string;
  /** names something that lasts, until an event of the same name says that it is over */
  condition?: string;
  over?: boolean;
  /** of the machine's own clock: by how much it was set, ms */
  stepMs?: number;
}

/** What happens in a plant and explains a chart afterwards. */
export const PLANT_EVENTS = [
  'tool-change',
  'gauge-change',
  'lot',
  'shift',
  'maintenance',
  'adjustment',
] as const;

export type PlantEventKind = (typeof PLANT_EVENTS)[number];

/** An event as the store gives it back. */
export interface StoredEvent extends SourceEvent {
  seq: number;
  ordinal: number;
}

/** Connection and unit state as the console's source page shows it. */
export interface SourceHealth {
  name: string;
  kind: string;
  state: 'connecting' | 'up' | 'degraded' | 'down' | 'stopped';
  detail: string;
  sinceMs: number;
  lastDataMs: number | null;
  counters: Record<string, number>;
  parts: { name: string; state: 'up' | 'degraded' | 'down'; detail: string }[];
}

/** Journal positions (after, upTo]. */
export interface Stretch {
  after: number;
  upTo: number;
}

/** A row that the other side of a sink refused, kept until it is taken or dropped. */
export interface RejectedRow {
  id: number;
  sink: string;
  timeMs: number;
  row: string;
  reason: string;
}

export interface SinkHealth {
  name: string;
  kind: string;
  state: 'up' | 'retrying' | 'held' | 'stopped';
  detail: string;
  /** journal position shipped, and how far the journal is */
  cursor: number;
  head: number;
  rowsWritten: number;
  rowsRejected: number;
  /** transactions not shipped yet while older ones follow behind fresh ones. Absent = no such */
  behind?: number;
  oldestUnsentMs: number | null;
}
