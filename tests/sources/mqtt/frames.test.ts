import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameReader } from '../../../agent/sources/mqtt/frames.ts';
import { publishPacket } from '../../support/mqtt-bytes.ts';

interface Seen {
  topic: string;
  text: string;
  qos: number;
  id: number;
  retain: boolean;
  dup: boolean;
  bytes: number;
}

function reading(v5: boolean, maxBytes = 1000) {
  const seen: Seen[] = [];
  const control: number[] = [];
  const gate = { paused: false };
  const reader = frameReader(
    {
      paused: () => gate.paused,
      publish: (topic, payload, { qos, messageId, retain, dup }, bytes) =>
        void seen.push({ topic, text: String(payload), qos, id: messageId, retain, dup, bytes }),
      control: (packet) => void control.push(packet[0] ?? 0),
    },
    v5,
    maxBytes,
  );
  return { seen, control, gate, reader };
}

const message = (i: number, over: Partial<Seen> = {}) => {
  const text = over.text ?? `{"n":${i}}`;
  const made = { topic: `a/${i % 7}/é`, text, qos: i % 2, id: i % 2 ? i : 0, ...over };
  return { retain: i % 3 === 0, dup: i % 2 === 1 && i % 5 === 0, bytes: text.length, ...made };
};

function encode(m: Seen, v5: boolean): Buffer {
  const properties = v5 ? { properties: Buffer.alloc(m.id * 9, 1) } : {};
  return publishPacket({ ...m, payload: m.text, ...properties });
}

describe.each([true, false])('bytes of MQTT 5: %s', (v5) => {
  it('are read the same however the network cuts them', () => {
    const messages = Array.from({ length: 30 }, (_, i) => message(i + 1));
    const suback = Buffer.from(v5 ? [0x90, 4, 0, 1, 0, 1] : [0x90, 3, 0, 1, 1]);
    const parts = messages.map((m) => encode(m, v5));
    parts.splice(3, 0, suback, Buffer.from([0xd0, 0]));
    const bytes = Buffer.concat(parts);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 40 }), (cuts) => {
        const { seen, control, reader } = reading(v5);
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        for (let i = 1; i < at.length; i += 1) reader.push(bytes.subarray(at[i - 1], at[i]));
        expect(seen).toEqual(messages);
        expect(control).toEqual([0x90, 0xd0]);
      }),
      { numRuns: 200, seed: 7 },
    );
  });

  it('byte by byte as well', () => {
    const messages = [message(1), message(2, { text: 'x'.repeat(300) })];
    const { seen, reader } = reading(v5);
    for (const byte of Buffer.concat(messages.map((m) => encode(m, v5)))) {
      reader.push(Buffer.from([byte]));
    }
    expect(seen).toEqual(messages);
  });

  it('of a message far too large are skipped, and what follows is read', () => {
    const big = message(1, { text: 'y'.repeat(500_000) });
    const bytes = Buffer.concat([encode(big, v5), encode(message(2), v5)]);
    for (const size of [3, 1000, 65_536]) {
      const { seen, reader } = reading(v5);
      for (let i = 0; i < bytes.length; i += size) reader.push(bytes.subarray(i, i + size));
      expect(seen).toHaveLength(2);
      expect(seen[0]).toMatchObject({ topic: big.topic, id: 1, qos: 1 });
      expect(seen[0]?.bytes).toBeGreaterThanOrEqual(500_000);
      expect(seen[0]?.text.length).toBeLessThan(1000);
      expect(seen[1]).toEqual(message(2));
    }
  });

  it('wait from the first message on while paused', () => {
    const { seen, control, gate, reader } = reading(v5);
    const pingresp = Buffer.from([0xd0, 0]);
    gate.paused = true;
    reader.push(Buffer.concat([pingresp, encode(message(1), v5), pingresp]));
    expect([control.length, seen.length, reader.blocked()]).toEqual([1, 0, true]);
    reader.push(encode(message(2), v5));
    gate.paused = false;
    reader.resume();
    expect(seen).toEqual([message(1), message(2)]);
    expect([control.length, reader.blocked()]).toEqual([2, false]);
  });

  it('that are not MQTT are refused, never misread', () => {
    for (const bytes of [
      [0x30, 0xff, 0xff, 0xff, 0xff, 1],
      [0x32, 1, 0],
      [0x32, 4, 0, 9, 0x61, 0x62],
      [0x32, 5, 0, 1, 0x61, 0, 0],
      [0xa0, 0xff, 0xff, 0xff, 0x7f],
    ]) {
      const { seen, reader } = reading(v5);
      expect(() => reader.push(Buffer.from(bytes))).toThrow(/not MQTT/);
      expect(seen).toEqual([]);
    }
  });
});
