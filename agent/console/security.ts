import { isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemError } from './problem.ts';

const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** On every answer, also on errors and files. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'cache-control': 'no-store',
};

/** The headers of an answer; a browser that came by TLS once comes by nothing else for a year. */
export function headersFor(tls: boolean): Readonly<Record<string, string>> {
  if (!tls) return SECURITY_HEADERS;
  return { ...SECURITY_HEADERS, 'strict-transport-security': 'max-age=31536000' };
}

/** Headers on all answers; who may not ask is refused before anything is read. */
export function secure(app: FastifyInstance, hostNames: string[], tls: boolean): void {
  const headers = headersFor(tls);
  const names = new Set(['localhost', ...hostNames.map((name) => name.toLowerCase())]);
  app.addHook('onRequest', async (request, answer) => {
    answer.headers(headers);
    checkForm(request);
    checkHost(request, names);
    if (request.method !== 'GET' && request.method !== 'HEAD') checkOrigin(request, tls);
  });
}

/**
 * What a proxy in front could read otherwise than we do: two hosts, an address that names another
 * server (RFC 9112, 3.2), or HTTP of before 1996, which has no headers at all.
 */
function checkForm({ raw }: FastifyRequest): void {
  const hosts = raw.rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host');
  const plain = raw.url?.startsWith('/') && /^1\.[01]$/.test(raw.httpVersion);
  if (plain && hosts.length <= 1) return;
  throw new ProblemError(
    400,
    'bad-request',
    'The request can be read in two ways.',
    'Ask for a path, with one Host header, in HTTP/1.1.',
  );
}

/**
 * A foreign page can point a name of its own at this machine (DNS rebinding) and would then count
 * as the same origin. It cannot do so with an address or with a name that the settings list.
 */
function checkHost(request: FastifyRequest, names: Set<string>): void {
  const host = ownHost(request)?.hostname ?? '';
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  if (isIP(bare) !== 0 || names.has(bare)) return;
  throw new ProblemError(
    421,
    'unknown-host',
    'The page was asked for under a name it does not know.',
    'Use localhost or the IP address, or add the name to console.hostNames in the settings.',
  );
}

/** Forms and scripts of other sites must not change anything here (cross-site request forgery). */
function checkOrigin(request: FastifyRequest, tls: boolean): void {
  const site = request.headers['sec-fetch-site'];
  const { origin } = request.headers;
  const sameSite = site === undefined || site === 'same-origin' || site === 'none';
  const from = hostOf(origin ?? '');
  const sameScheme = from?.protocol === (tls ? 'https:' : 'http:');
  const sameOrigin = origin === undefined || (sameScheme && from?.host === ownHost(request)?.host);
  if (sameSite && sameOrigin) return;
  throw new ProblemError(
    403,
    'cross-site',
    'Changes are only taken from this page itself.',
    'Open the page of the agent and try again there.',
  );
}

/** The name and port the request was made to; port 80 drops out as it does in an origin. */
const ownHost = (request: FastifyRequest) => hostOf(`http://${request.headers.host ?? ''}`);

function hostOf(url: string): URL | null {
  return URL.canParse(url) ? new URL(url) : null;
}
