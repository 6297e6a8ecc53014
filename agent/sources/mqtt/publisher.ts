/**
 * The value of one user property of a PUBLISH (MQTT 5, 3.3.2.3): where a broker writes who sent the
 * message. The last of that name counts, because the broker adds its own behind the sender's. '' when
 * there is none; the properties lie between `start` and `end`.
 */
export function userProperty(data: Buffer, start: number, end: number, name: string): string {
  let found = '';
  for (let p = start; p < end; ) {
    const id = data[p] as number;
    p += 1;
    if (id === USER_PROPERTY) {
      const key = textAt(data, p, end);
      const value = key === null ? null : textAt(data, key.next, end);
      if (key === null || value === null) return found;
      if (key.text === name) found = value.text.slice(0, LONGEST);
      p = value.next;
      continue;
    }
    const next = skip(data, p, end, id);
    if (next === null) return found;
    p = next;
  }
  return found;
}

const USER_PROPERTY = 0x26;
const LONGEST = 64;
/** Sizes of the properties that a PUBLISH can have; texts and bytes say their own length. */
const FIXED: Record<number, number> = { 1: 1, 2: 4, 35: 2 };
const LENGTH_FIRST = new Set([0x03, 0x08, 0x09]);
const SUBSCRIPTION = 0x0b;

function skip(data: Buffer, p: number, end: number, id: number): number | null {
  const size = FIXED[id];
  if (size !== undefined) return p + size;
  if (LENGTH_FIRST.has(id)) return p + 2 <= end ? p + 2 + data.readUInt16BE(p) : null;
  if (id !== SUBSCRIPTION) return null;
  let at = p;
  while (at < end && (data[at] as number) >= 128) at += 1;
  return at + 1;
}

function textAt(data: Buffer, p: number, end: number): { text: string; next: number } | null {
  if (p + 2 > end) return null;
  const next = p + 2 + data.readUInt16BE(p);
  return next <= end ? { text: data.toString('utf8', p + 2, next), next } : null;
}
