import { ROLES, type Role } from '../model.ts';

/** Who may use an address: everybody, or people and programs of at least this role. */
export type Needed = Role | 'anyone';

/**
 * The one table of rights. The server asks it on every request and does not start with an address
 * that is missing here; the page asks it what to offer (`GET /api/me`); docs/security-matrix.md is
 * written from it. viewer: looks · operator: answers, enters, tells · quality: decides · admin:
 * people, tokens, the agent itself.
 */
export const ACCESS: Readonly<Record<string, Needed>> = {
  // The page itself holds no data; without it nobody could log in.
  'GET /': 'anyone',
  'HEAD /': 'anyone',
  'GET /*': 'anyone',
  'HEAD /*': 'anyone',
  // Service managers ask these without an account; they tell no more than that the agent runs.
  'GET /livez': 'anyone',
  'GET /readyz': 'anyone',
  'GET /api/me': 'anyone',
  'POST /api/login': 'anyone',
  'POST /api/claim': 'anyone',

  'GET /healthz': 'viewer',
  'GET /metrics': 'viewer',
  'GET /api/openapi.json': 'viewer',
  'GET /api/live': 'viewer',
  'GET /api/plant': 'viewer',
  'GET /api/characteristics': 'viewer',
  'GET /api/characteristics/:id': 'viewer',
  'GET /api/characteristics/:id/points': 'viewer',
  'GET /api/characteristics/:id/signals': 'viewer',
  'GET /api/characteristics/:id/limits': 'viewer',
  'GET /api/characteristics/:id/readings': 'viewer',
  'GET /api/characteristics/:id/histogram': 'viewer',
  'GET /api/characteristics/:id/occasion': 'viewer',
  'GET /api/alerts': 'viewer',
  'GET /api/alerts/:id/history': 'viewer',
  'GET /api/sources': 'viewer',
  'GET /api/sinks': 'viewer',
  'GET /api/sinks/:name/rejected': 'viewer',
  'GET /api/gaps': 'viewer',
  'GET /api/events': 'viewer',
  'GET /api/storage': 'viewer',
  'GET /api/manual': 'viewer',
  'GET /api/manual/entries': 'viewer',
  'POST /api/logout': 'viewer',
  'POST /api/password': 'viewer',
  'GET /api/sessions': 'viewer',
  'POST /api/sessions/end': 'viewer',
  'POST /api/second-factor/begin': 'viewer',
  'POST /api/second-factor/confirm': 'viewer',
  'POST /api/second-factor/recovery': 'viewer',
  'POST /api/second-factor/remove': 'viewer',

  'GET /api/reactions': 'viewer',

  'POST /api/alerts/:id/acknowledge': 'operator',
  'POST /api/alerts/:id/shelve': 'operator',
  'POST /api/alerts/:id/unshelve': 'operator',
  // Less than arming: nobody should have to wait for a role to make a line stop harmless.
  'POST /api/reactions/:name/disarm': 'operator',
  'POST /api/readings': 'operator',
  'POST /api/events': 'operator',

  'POST /api/characteristics/:id/limits/:version/approve': 'quality',
  'POST /api/characteristics/:id/gauges/pool': 'quality',
  'POST /api/reactions/:name/arm': 'quality',
  'POST /api/sinks/:name/rejected/retry': 'quality',
  'POST /api/sinks/:name/rejected/drop': 'quality',
  'GET /api/audit': 'quality',
  'GET /api/audit.csv': 'quality',

  'GET /api/users': 'admin',
  'POST /api/users': 'admin',
  'POST /api/users/:name/role': 'admin',
  'POST /api/users/:name/password': 'admin',
  'POST /api/users/:name/end-sessions': 'admin',
  'POST /api/users/:name/reset-second-factor': 'admin',
  'POST /api/users/:name/remove': 'admin',
  'GET /api/tokens': 'admin',
  'POST /api/tokens': 'admin',
  'POST /api/tokens/:id/remove': 'admin',
};

/** The role an address needs. Throws for one that is not in the table: nothing is open by oversight. */
export function accessOf(method: string, url: string): Needed {
  const needed = ACCESS[`${method} ${url}`];
  if (needed !== undefined) return needed;
  throw new Error(`${method} ${url} has no role in agent/console/access.ts`);
}

/** Whether a role, or nobody (null), may do what needs another. */
export function holds(role: Role | null, needed: Needed): boolean {
  if (needed === 'anyone') return true;
  return role !== null && ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** Every address a role may use: what the page offers. */
export function rightsOf(role: Role | null): string[] {
  return Object.keys(ACCESS).filter((key) => holds(role, ACCESS[key] ?? 'admin'));
}
