import type { Shape, Suspects } from './suspects.ts';

/** No request stands in this slot. */
export const NOBODY = -2;

/** A request under way, as far as its answer must fit it. */
export interface Slot extends Shape {
  id: number;
  /** what a write must echo, null for reads */
  echo: Buffer | null;
}

export const newSlot = (): Slot => ({ id: NOBODY, unit: 0, code: 0, bytes: 0, echo: null });

/** Functions whose answers begin with the number of data bytes. */
const announces = (code: number) => code <= 4 || code === 23;

/** Notes what the answer to this request must look like. */
export function remember(waiting: Slot, id: number, frame: Buffer): void {
  const code = frame[1] as number;
  waiting.id = id;
  waiting.unit = frame[0] as number;
  waiting.code = code;
  const length = announces(code) ? frame.readUInt16BE(4) : 0;
  waiting.bytes = !announces(code) ? -1 : code > 2 ? 2 * length : (length + 7) >> 3;
  // A write is answered with its own beginning: unit, function, address, and value or count.
  waiting.echo = code > 4 && code < 23 ? Buffer.from(frame.subarray(0, code === 22 ? 8 : 6)) : null;
}

/**
 * What a frame is to the request that waits. On a line without ids an answer given up before may
 * come instead: its length tells. An exception has no length and may answer either, so it is
 * believed only while nothing else can come.
 */
export function judge(
  waiting: Slot | undefined,
  suspects: Suspects | null,
  body: Buffer,
): 'answer' | 'garbled' | 'late' {
  const fits = waiting !== undefined && answers(waiting, body);
  if (suspects === null) return fits ? 'answer' : waiting === undefined ? 'late' : 'garbled';
  const unit = body[0] as number;
  const code = body[1] as number;
  if (code > 0x7f) {
    if (!fits) return 'late';
    if (!suspects.begins(unit, code & 0x7f)) return 'answer';
    suspects.alike(waiting);
    return 'garbled';
  }
  if (fits) return 'answer';
  if (suspects.arrived(unit, code, announces(code) ? (body[2] as number) : -1)) return 'late';
  if (waiting === undefined) return 'late';
  suspects.add(waiting);
  return 'garbled';
}

/** Does this unit and PDU answer that request? An exception to it does. */
function answers(waiting: Slot, body: Buffer): boolean {
  const size = body.length;
  const code = body[1] as number;
  if (body[0] !== waiting.unit) return false;
  if (code === (waiting.code | 0x80)) return size === 3;
  if (code !== waiting.code) return false;
  if (waiting.echo !== null) return size === waiting.echo.length && waiting.echo.equals(body);
  if (code === 24) return size >= 6 && size === 4 + body.readUInt16BE(2);
  return body[2] === waiting.bytes && size === 3 + waiting.bytes;
}
