const NAME = Buffer.from('Node Control/Rebirth');
const BOOLEAN = 11;

/** Payload of the NCMD that asks a node for its births (Sparkplug 3.0, 6.4.19). */
export function encodeRebirth(timeMs: number): Buffer {
  const time = varint(timeMs);
  const metric = [
    ...[0x0a, NAME.length, ...NAME],
    ...[0x18, ...time],
    ...[0x20, BOOLEAN],
    ...[0x70, 1],
  ];
  return Buffer.from([0x08, ...time, 0x12, metric.length, ...metric]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = Math.floor(value);
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}
