import { type PointBlock, takePoints } from '../batch.ts';
import type { Point } from '../model.ts';

/** Points that are blocks, and the texts behind the numbers in them. */
export interface PackedPoints {
  blocks: PointBlock[];
  characteristics: Map<number, string>;
  words: Map<number, string>;
}

/** The points of all blocks, behind those that are given. */
export function unpacked(points: Point[], packed: PackedPoints): Point[] {
  const all = [...points];
  const names = {
    characteristic: (number: number) => packed.characteristics.get(number) ?? `#${number}`,
    word: (number: number) => packed.words.get(number) ?? `#${number}`,
  };
  for (const block of packed.blocks) takePoints(block, names, all);
  return all;
}
