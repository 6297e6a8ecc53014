import { messageOf } from '../../runtime/errors.ts';
import { sayTls } from '../../runtime/tls.ts';

const BAD_LOGIN = new Set([4, 5, 134, 135]);
const TAKEN_OVER = 142;

/** What went wrong with the connection, in words for the person who can mend it. */
export function describeFault(error: unknown, url: string, nowMs: number): string {
  const { host } = new URL(url);
  const code = codeOf(error);
  if (typeof code === 'number' && BAD_LOGIN.has(code)) {
    return `the broker at ${host} refuses the user name or password (${messageOf(error)})`;
  }
  const secure = sayTls(error, nowMs);
  if (secure !== null) return `no secure connection to ${host}: ${secure}`;
  if (code === 'ECONNREFUSED') return `no broker answers at ${host} (connection refused)`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `the host name of ${host} is not known`;
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH') {
    return `${host} cannot be reached (${code})`;
  }
  if (messageOf(error) === 'connack timeout') return `${host} does not answer as a broker does`;
  if (messageOf(error) === 'Keepalive timeout') return `the broker at ${host} stopped answering`;
  return `${host}: ${messageOf(error)}`;
}

/** Why the broker ended the connection itself (MQTT 5 DISCONNECT). */
export function describeDisconnect(reasonCode: number | undefined, clientId: string): string {
  if (reasonCode === TAKEN_OVER) {
    return `another client connected with our client id '${clientId}'; give each agent its own`;
  }
  return `the broker ended the connection (reason ${reasonCode ?? 0})`;
}

function codeOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('code' in error && error.code !== undefined) return error.code;
  // Node tries every address of a host name and wraps what each of them said.
  if ('errors' in error && Array.isArray(error.errors)) return codeOf(error.errors[0]);
  return undefined;
}
