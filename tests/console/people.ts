import { createHasher } from '../../agent/console/auth/hasher.ts';
import type { Role } from '../../agent/model.ts';

export const PASSWORD = 'harbour lantern 81 quilt';
export const PEOPLE: Record<Role, string> = {
  viewer: 'Vera Viewer',
  operator: 'Omar Operator',
  quality: 'Sana Quality',
  admin: 'Adil Admin',
};

let hash: Promise<string> | undefined;

/** One user of each role, all with the same password, as the store holds them. */
export async function people(
  roles: readonly Role[] = ['viewer', 'operator', 'quality', 'admin'],
): Promise<Record<string, string>> {
  hash ??= createHasher().hash(PASSWORD);
  const password = await hash;
  const rows = roles.map((role) => {
    const name = PEOPLE[role];
    const key = name.toLowerCase();
    return [`user:${key}`, JSON.stringify({ key, name, role, password, createdMs: 0 })] as const;
  });
  return Object.fromEntries(rows);
}

/** What a browser of the page sends along. */
export const OWN = { 'x-meyar': '1', 'content-type': 'application/json' };

interface Inject {
  statusCode: number;
  headers: Record<string, unknown>;
}

/** The cookie of an answer, as the browser sends it back. */
export const cookieOf = (answer: Inject): string =>
  String(answer.headers['set-cookie']).split(';')[0] ?? '';
