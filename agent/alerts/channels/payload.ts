import { PermanentError } from '../../runtime/errors.ts';
import type { Notice } from './channel.ts';

/** Largest message that is sent; alerts are some hundred bytes, brokers and hooks have limits. */
const MAX_PAYLOAD_BYTES = 256 * 1024;

/** JSON as bytes. `PermanentError` when it is larger than any receiver should have to take. */
export function payloadOf(notice: Notice, value: unknown): Buffer {
  const bytes = Buffer.from(JSON.stringify(value));
  if (bytes.length > MAX_PAYLOAD_BYTES) {
    throw new PermanentError(`notice ${notice.key} has ${bytes.length} bytes, too many to send`);
  }
  return bytes;
}
