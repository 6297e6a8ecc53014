import { asciiFrames } from './ascii.ts';
import type { FrameSink, Frames } from './frames.ts';
import { mbapFrames } from './mbap.ts';
import { rtuFrames } from './rtu.ts';
import type { Target } from './target.ts';

/** The framing of a target. */
export function framesFor(target: Target, sink: FrameSink): Frames {
  if (target.framing === 'rtu') return rtuFrames(sink);
  if (target.framing === 'ascii') return asciiFrames(sink);
  return mbapFrames(sink, target.line.kind === 'udp');
}
