const CRC = new Uint16Array(256).map((_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  return crc;
});

/** CRC-16/MODBUS of the first bytes: the library checks it on every frame, on TCP too. */
export function crc16(bytes: Uint8Array, length: number): number {
  let crc = 0xffff;
  for (let i = 0; i < length; i += 1) {
    crc = (crc >> 8) ^ (CRC[(crc ^ (bytes[i] as number)) & 0xff] as number);
  }
  return crc;
}
