import type modbus from 'modbus-serial';
import { isBits } from './plan.ts';
import type { Request } from './request.ts';

type Client = InstanceType<typeof modbus.default>;
type LibraryCallback = (error: unknown, result: { buffer: Uint8Array } | undefined) => void;

/** Has the library code and write a request; `extra` registers are read beyond those wanted. */
export function write(client: Client, r: Request, extra: number, callback: LibraryCallback): void {
  const next = callback as Parameters<Client['writeFC3']>[3] & LibraryCallback;
  const length = r.length + (isBits(r.table) ? 8 * extra : extra);
  const [first = 0, second = 0] = r.values ?? [];
  switch (r.code) {
    case 1:
      client.writeFC1(r.unit, r.address, length, next as never);
      break;
    case 2:
      client.writeFC2(r.unit, r.address, length, next as never);
      break;
    case 3:
      client.writeFC3(r.unit, r.address, length, next);
      break;
    case 4:
      client.writeFC4(r.unit, r.address, length, next);
      break;
    case 5:
      client.writeFC5(r.unit, r.address, first !== 0, next as never);
      break;
    case 6:
      client.writeFC6(r.unit, r.address, first, next as never);
      break;
    case 16:
      client.writeFC16(r.unit, r.address, [...(r.values ?? [])], next as never);
      break;
    case 22:
      client.writeFC22(r.unit, r.address, first, second, next as never);
      break;
    case 23: {
      const values = [...(r.values ?? [])];
      const at = r.writeAddress ?? 0;
      client.writeFC23(r.unit, r.address, length, at, values.length, values, next as never);
      break;
    }
    case 24:
      client.writeCustomFC(r.unit, 24, [r.address >> 8, r.address & 0xff], next as never);
      break;
  }
}
