import { isBits, type Table } from './plan.ts';
import type { Target } from './transport/target.ts';

/** What the cost of a request is reckoned with when nothing was measured. */
export interface CostModel {
  /** ms a device takes before it answers: one scan of a PLC */
  turnaroundMs: number;
  /** ms of the network there and back; 0 on a serial line */
  roundTripMs: number;
}

/** Start, eight bits, parity or a second stop bit, stop. */
const BITS_PER_CHARACTER = 11;

/** Bytes of one request and its answer, framing included. */
export function bytesOf(target: Target, table: Table, length: number): number {
  const data = isBits(table) ? Math.ceil(length / 8) : 2 * length;
  if (target.framing === 'mbap') return 12 + 9 + data;
  if (target.framing === 'rtu') return 8 + 5 + data;
  return 2 * (6 + 1) + 3 + 2 * (3 + data + 1) + 3;
}

/** ms the link is taken by one request: characters and silences on a serial line. */
export function requestMs(target: Target, bytes: number, model: CostModel): number {
  if (target.line.kind !== 'serial') return model.roundTripMs + model.turnaroundMs;
  const { baud } = target.line.serial;
  const characterMs = (BITS_PER_CHARACTER * 1000) / baud;
  return bytes * characterMs + 2 * silenceOf(baud) + model.turnaroundMs;
}

/**
 * Unused registers worth reading to save a request: as many as take no longer than 13 characters,
 * two silences and one turnaround. On a network that is always the most a request can hold.
 */
export function holeWorthReading(target: Target, turnaroundMs = 20): number {
  if (target.line.kind !== 'serial') return 125;
  const { baud } = target.line.serial;
  const characterMs = (BITS_PER_CHARACTER * 1000) / baud;
  const saved = 13 + (2 * silenceOf(baud) + turnaroundMs) / characterMs;
  const perRegister = target.framing === 'ascii' ? 4 : 2;
  return Math.min(125, Math.floor(saved / perRegister));
}

const silenceOf = (baud: number) =>
  baud > 19_200 ? 1.75 : (3.5 * BITS_PER_CHARACTER * 1000) / baud;
