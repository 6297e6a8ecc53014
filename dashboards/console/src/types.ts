import type { z } from 'zod';
import type * as s from '../../../agent/console/schemas.ts';
import type * as p from '../../../agent/console/schemas-people.ts';

/** The shapes of the API, taken from the schemas that make it. Types only: no code is shared. */
export type Plant = z.output<typeof s.plant>;
export type Characteristic = z.output<typeof s.characteristic>;
export type Capability = z.output<typeof s.capability>;
export type Point = z.output<typeof s.point>;
export type Signal = z.output<typeof s.signal>;
export type Limits = z.output<typeof s.limits>;
export type Histogram = z.output<typeof s.histogram>;
export type Alert = z.output<typeof s.alert>;
export type Gap = z.output<typeof s.gap>;
export type Source = z.output<typeof s.source>;
export type Sink = z.output<typeof s.sink>;
export type Snapshot = z.output<typeof s.snapshot>;
export type Change = z.output<typeof s.change>;
export type Status = Characteristic['status'];
export type Me = z.output<typeof p.me>;
export type User = z.output<typeof p.user>;
export type Token = z.output<typeof p.token>;
export type AuditRow = z.output<typeof p.auditRow>;
export type Role = User['role'];
