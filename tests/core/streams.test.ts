import { describe, expect, it } from 'vitest';
import { decodeBatch } from '../../agent/batch.ts';
import { createStreams, type Streams } from '../../agent/core/streams.ts';
import { encode } from '../support/reducer.ts';

/** Part `sequence` of a stream; what was decided. */
function hear(streams: Streams, stream: string, sequence: number): string {
  const one = { stream, receiveMs: 1000, sourceMs: [sequence], tag: [0], value: [1] };
  const batch = decodeBatch(encode([{ ...one, sequence: [sequence] }]));
  return streams.decide(batch, 0, stream, 0).verdict;
}

function save(streams: Streams, into: Map<string, string>): void {
  for (const [key, json] of streams.snapshot(false)) {
    if (json === '') into.delete(key);
    else into.set(key, json);
  }
}

describe('streams', () => {
  it('that are forgotten leave the saved state too, the oldest first, also after a restart', () => {
    const saved = new Map<string, string>();
    const first = createStreams(3);
    for (const stream of ['s/z', 's/y', 's/x']) hear(first, stream, 1);
    save(first, saved);
    expect(saved.size).toBe(3);
    hear(first, 's/w', 1);
    save(first, saved);
    expect([...saved.keys()].sort()).toEqual(['stream:s/w', 'stream:s/x', 'stream:s/y']);

    const second = createStreams(3);
    for (const [key, json] of [...saved].sort()) second.restore(key.slice(7), json);
    expect(hear(second, 's/y', 1)).toBe('duplicate');
    hear(second, 's/v', 1);
    save(second, saved);
    expect([...saved.keys()].sort()).toEqual(['stream:s/v', 'stream:s/w', 'stream:s/x']);
  });

  it('a record that is looked at again is the same part, whatever else is in the frame', () => {
    const streams = createStreams();
    const look = (id: number, polled: boolean, sourceMs: number) => {
      const one = { stream: 's/r', receiveMs: sourceMs + 1, sourceMs: [sourceMs], tag: [0] };
      const raw = Uint8Array.of(id, 7, 7, 7);
      const batch = decodeBatch(encode([{ ...one, value: [1], sequence: [5], raw, polled }]));
      return streams.decide(batch, 0, 's/r', 0).verdict;
    };
    expect(look(1, true, 1000)).toBe('new');
    expect(look(2, true, 2000)).toBe('duplicate');
    // A message with other bytes and a later time is another part: its counter began anew.
    expect(look(3, false, 3000)).toBe('restart');
  });

  it('beyond the bound are not kept when an older state holds more', () => {
    const saved = new Map<string, string>();
    const large = createStreams(100);
    for (let n = 0; n < 50; n += 1) hear(large, `s/${n}`, 1);
    save(large, saved);
    const small = createStreams(10);
    for (const [key, json] of saved) small.restore(key.slice(7), json);
    save(small, saved);
    expect(saved.size).toBe(10);
    expect(saved.has('stream:s/49')).toBe(true);
  });
});
