import { z } from 'zod';
import { alertSettings } from '../alerts/policy.ts';
import { consoleSettings, securitySettings } from '../console/settings.ts';
import { characteristicSettings } from '../core/characteristic.ts';
import { cycleSettings } from '../core/cycles/settings.ts';
import { groupSettings } from '../core/groups/settings.ts';
import { duration } from '../runtime/duration.ts';
import { sinks } from '../sinks/index.ts';
import { sources } from '../sources/index.ts';

/** Names of sources, sinks and characteristics: they appear in topics, tags and file names. */
const name = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'a name is 1 to 64 letters, digits, dots, hyphens or underscores',
  );

const SIZES: Record<string, number> = { KB: 1e3, MB: 1e6, GB: 1e9 };

const bytes = z
  .string()
  .regex(/^\d+(\.\d+)?\s*(KB|MB|GB)$/, "a size is a number and a unit: '500MB', '4GB'")
  .transform((text) => Number.parseFloat(text) * (SIZES[text.replace(/[\d.\s]/g, '')] ?? 1));

const plantSettings = z
  .strictObject({
    name: z.string().min(1).max(100).describe('Name of the plant, as people know it'),
    site: z.string().min(1).max(64).describe('Site: a tag on every series and a word in alerts'),
    line: z.string().max(64).default('').describe('Production line, when there is one'),
  })
  .describe('Which plant this agent watches');

const storeSettings = z
  .strictObject({
    journalKeep: duration('30d').describe('How long raw batches are kept, as received'),
    historyKeep: duration('400d').describe('How long readings are kept for charts and studies'),
    maxBytes: bytes.prefault('4GB').describe('Upper bound of the database file'),
    ballast: bytes
      .prefault('16MB')
      .describe('Room held beside the database, given free when the disk is full'),
    minFree: bytes
      .prefault('200MB')
      .describe('Free space of the disk below which people are warned'),
    checkEvery: duration('7d').describe(
      'How often the whole store is checked, in a process of its own',
    ),
    backup: z
      .strictObject({
        every: duration('1d').describe('How often a backup is made'),
        to: z.string().min(1).describe('Folder of the backups; better on another disk'),
        keep: z.int().min(1).max(1000).default(7).describe('How many of them stay'),
      })
      .optional()
      .describe('Proven copies of the store, made while the agent runs; left out: none are made'),
    commitEvery: duration('20ms').describe('Longest wait before a transaction is closed'),
    snapshotEvery: duration('5s').describe('How often the state is saved with a transaction'),
  })
  .prefault({})
  .describe('The journal and the history on disk');

/** The whole settings file: every part comes from the registry of its kind. */
export const settingsSchema = z
  .strictObject({
    plant: plantSettings,
    console: consoleSettings.prefault({}).describe('The web page and the HTTP API'),
    security: securitySettings.prefault({}),
    store: storeSettings,
    sources: z.record(name, sources.schema).describe('Where readings come from, by name'),
    characteristics: z
      .record(name, characteristicSettings)
      .describe('What is measured: one entry per row of the control plan'),
    cycles: z
      .record(name, cycleSettings)
      .default({})
      .describe('Cycles of machines, in which features of fast signals are taken, by name'),
    groups: z
      .record(name, groupSettings)
      .default({})
      .describe('Characteristics of one part that are charted together, by name'),
    alerts: alertSettings.prefault({}),
    sinks: z.record(name, sinks.schema).default({}).describe('Where results go, by name'),
  })
  .describe('Settings of a Meyar agent');

export type Settings = z.output<typeof settingsSchema>;
