/**
 * The nouns of Meyar. Types and the code tables that give them numbers; nothing here does anything.
 * Times are milliseconds since 1970-01-01 UTC (a double), suffix `Ms`. Values are in the unit of
 * the characteristic. `null` means "not defined"; the reason stands beside it where people read it.
 */

export * from './model/alert.ts';
export * from './model/audit.ts';
export * from './model/characteristic.ts';
export * from './model/plant.ts';
export * from './model/point.ts';
export * from './model/reaction.ts';
