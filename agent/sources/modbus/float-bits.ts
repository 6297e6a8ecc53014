import type { FloatBits } from '../../runtime/shortest.ts';
import type { Settings } from './settings.ts';

/** By tag, how wide the floating-point numbers of a device are; 64 for all that are none. */
export function floatBits({ units }: Pick<Settings, 'units'>): Map<string, FloatBits> {
  return new Map(
    units.flatMap((unit) => {
      const fields = unit.records.flatMap((record) => Object.entries(record.fields));
      const tags = unit.tags.map((tag) => [tag.name, tag] as const);
      return [...fields, ...tags].map(([name, { type }]): [string, FloatBits] => [
        `${unit.name}.${name}`,
        type === 'float32' ? 32 : type === 'float16' ? 16 : 64,
      ]);
    }),
  );
}
