import { z } from 'zod';
import { ROLES } from '../model.ts';
import { component } from './named.ts';

/** The shapes of users, tokens and the audit log, as schemas.ts has those of the plant. */
const role = z.enum(ROLES);
const at = z.iso.datetime();

export const me = component(
  'Me',
  z.object({
    mode: z.enum(['open', 'login']).describe('open: there are no users yet'),
    name: z.string(),
    role: z.enum(ROLES).nullable().describe('null: not logged in'),
    by: z.enum(['open', 'session', 'token', 'nobody']),
    may: z.array(z.string()).describe('addresses this role may use, as `METHOD /path/:name`'),
    code: z.boolean().describe('a one-time code for an administrator waits to be used'),
    idleMs: z.number().nullable().describe('ms without a person after which the login ends'),
    leastPassword: z.int(),
    initialPassword: z.boolean().describe('the role is lowered until the password is changed'),
    secondFactor: z.object({
      mode: z.enum(['off', 'optional', 'required']),
      on: z.boolean(),
      lacking: z.boolean().describe('the role is lowered until a second factor is set up'),
      recoveryLeft: z.int().nullable().describe('recovery codes not used yet'),
    }),
  }),
);

export const user = component(
  'User',
  z.object({
    name: z.string(),
    role,
    createdAt: at,
    secondFactor: z.boolean(),
    sessions: z.int().describe('screens where this person is logged in'),
    seenAt: at.nullable().describe('last time this person did something, as far as it is kept'),
  }),
);

export const enrolment = component(
  'Enrolment',
  z.object({
    secret: z.string().describe('base32 in groups of four, to type into an app'),
    uri: z.string().describe('the same for apps on this device: otpauth://…'),
    qr: z
      .object({ size: z.int(), path: z.string().describe('SVG path in a square of `size`') })
      .nullable()
      .describe('the same as a QR code; null when the names in it are too long'),
  }),
);

export const recoveryCodes = component(
  'RecoveryCodes',
  z.object({ recovery: z.array(z.string()).describe('each opens once; shown only now') }),
);

export const ownSession = component(
  'OwnSession',
  z.object({
    id: z.string(),
    own: z.boolean().describe('the screen that asks'),
    address: z.string(),
    createdAt: at,
    seenAt: at,
  }),
);

export const token = component(
  'Token',
  z.object({
    id: z.string(),
    name: z.string(),
    role,
    createdAt: at,
    until: at,
    by: z.string(),
    left: z.boolean().describe('who made it is no administrator any more: look whether it is used'),
    expired: z.boolean(),
  }),
);

export const auditRow = component(
  'AuditRow',
  z.object({
    n: z.int().describe('number of the row; rows are never changed or removed'),
    at: z.string(),
    clock: z.enum(['set', 'back', 'unset']).describe('whether the clock could be trusted'),
    who: z.string(),
    role: z.string().describe('none: a name that was typed where nobody logs in'),
    address: z.string(),
    what: z.string(),
    object: z.string(),
    before: z.string(),
    after: z.string(),
    why: z.string(),
    hash: z.string().describe('SHA-256 over the hash before it and this row'),
  }),
);
