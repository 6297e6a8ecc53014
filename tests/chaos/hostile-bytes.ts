import type { Random } from '../../agent/plants/random.ts';

/** Words that break careless readers, put where a value or a key stands. */
const EVIL = [
  ...['1e309', '-1e309', 'NaN', 'Infinity', '-Infinity', '-0', '1e-400', '0x10', '1_000', '١٢'],
  ...['9007199254740993', '1,2,3', '"1e5"', '"  5 "', '"1.2.3"', '""', '"٣"', 'null', 'true'],
  ...['[]', '{}', '"=1+1"', '"\\u0031"', '"\\ud800"', '"\u202e"', '"\\r\\nx"', '1e', '--1', '01'],
];
const KEYS = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', ''];

const BASES = [
  '{"seq":1,"t":1772352000000,"v":{"od":21.99,"taper":0.004},"part":"A-1"}',
  '{"seq":2,"v":{"od":"21,985","taper":null}}',
  '{"items":[{"seq":3,"v":{"od":22.01}},{"seq":4,"v":{"od":22.02}}]}',
  '{"seq":[5,6],"v":{"od":[22.03,22.04],"taper":[0.1,0.2]}}',
  '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"v":{"od":22.05}}',
  '22.5',
  ' -1.25e1 ',
  '1,5',
  '2026-03-01T08:00:00Z,21.99,0.004',
  '"a;b",1772352000000,22.1',
];

/** One payload: a sound one that was changed in some way, or bytes without sense. */
export function hostilePayload(random: Random): Buffer {
  const chance = () => random.uniform();
  const pick = <T>(list: readonly T[]) => list[Math.floor(chance() * list.length)] as T;
  if (chance() < 0.05) return noise(Math.floor(chance() * 200), chance);
  let text = pick(BASES);
  const changes = Math.floor(chance() * 4);
  for (let i = 0; i < changes; i += 1) text = change(text, chance, pick);
  const bytes = Buffer.from(text);
  if (chance() < 0.2 && bytes.length > 0) {
    bytes[Math.floor(chance() * bytes.length)] = Math.floor(chance() * 256);
  }
  return bytes;
}

function change(text: string, chance: () => number, pick: <T>(list: readonly T[]) => T): string {
  const kind = Math.floor(chance() * 6);
  const at = Math.floor(chance() * text.length);
  if (kind === 0) return text.replace(/-?\d+(?:\.\d+)?/, () => pick(EVIL));
  if (kind === 1) return text.replace(/"[a-z]+"(?=:)/, () => JSON.stringify(pick(KEYS)));
  if (kind === 2) return text.slice(0, at);
  if (kind === 3) return text.slice(0, at) + pick(EVIL) + text.slice(at);
  if (kind === 4) return `${'['.repeat(at)}${text}${']'.repeat(at)}`;
  return text + pick(BASES);
}

/** Bytes by chance. */
export function noise(length: number, chance: () => number): Buffer {
  return Buffer.from(Array.from({ length }, () => Math.floor(chance() * 256)));
}

/** What is too large, too deep or too slow for a careless reader; each is tried once. */
export function bombs(): Buffer[] {
  const deep = 100_000;
  const keys = Array.from({ length: 100_000 }, (_, i) => `"k${i}":${i}`).join(',');
  return [
    Buffer.alloc(10_000_000, 0x5b),
    Buffer.from(`${'['.repeat(deep)}1${']'.repeat(deep)}`),
    Buffer.from(`${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`),
    Buffer.from(`{${keys}}`),
    Buffer.from(`"${'\\"'.repeat(30_000)}NaN`),
    Buffer.from(`{"v":{"od":${'9'.repeat(60_000)}}}`),
    Buffer.from(`{"v":{"od":"${'1'.repeat(60_000)}"}}`),
    Buffer.from('"'.repeat(60_000)),
    Buffer.alloc(60_000, 0xff),
    Buffer.alloc(60_000),
  ];
}

/** Every number that stands in the bytes, as a reader with a decimal comma may take it. */
export function numbersIn(payload: Buffer): Set<number> {
  const text = payload
    .toString('latin1')
    .replace(/\\u([0-9a-fA-F]{4})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  const found = new Set<number>();
  // From every place on, with the comma as part of a number and as what stands between two.
  for (const form of FORMS) {
    for (const [, part = ''] of text.matchAll(form)) found.add(Number(part.replace(',', '.')));
  }
  return found;
}

const FORMS = [
  /(?=([-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?))/g,
  /(?=([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?))/g,
  /(?=([-+]?\d+))/g,
];
