import { z } from 'zod';
import { duration, parseDuration } from '../../runtime/duration.ts';

/** A place in a PLC may be written this often, whatever the settings say. */
export const LEAST_SPACING_MS = 10_000;
export const MOST_PER_HOUR = 6;

const address = z.int().min(0).max(65_535);
const name = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .regex(/^[^\p{Cc}]*$/u, 'no control characters');

const write = z
  .strictObject({
    coil: address.optional().describe('Coil that is set to 1 (function 5), counted from 0'),
    register: address.optional().describe('Register that is written (function 6), counted from 0'),
    value: z
      .int()
      .min(1)
      .max(65_535)
      .default(1)
      .describe('What the register is set to; a coil is always set to 1'),
  })
  .refine((w) => (w.coil === undefined) !== (w.register === undefined), {
    message: 'name one place: a coil or a register',
  })
  .refine((w) => w.coil === undefined || w.value === 1, {
    message: 'a coil is set to 1 and to nothing else',
    path: ['value'],
  })
  .describe('The one place that is set, and the level it is set to');

const heartbeat = z
  .strictObject({
    register: address.describe('Register that counts up while the agent lives (function 6)'),
    every: duration('2s')
      .refine((ms) => ms >= 500, 'at least 500ms')
      .describe('How often it counts'),
  })
  .describe('Lets the PLC see that the agent has gone, so that it can go to its own safe state');

const when = z
  .strictObject({
    kinds: z
      .array(z.enum(['out-of-control', 'out-of-tolerance', 'missed-parts', 'no-data']))
      .min(1)
      .default(['out-of-tolerance'])
      .describe('Kinds of alert'),
    severities: z
      .array(z.enum(['warning', 'alarm']))
      .min(1)
      .default(['alarm'])
      .describe('Severities'),
    classes: z
      .array(z.enum(['CC', 'SC', 'none']))
      .min(1)
      .optional()
      .describe('Classes of characteristic; every class when left out'),
    subjects: z
      .array(z.string().min(1).max(200))
      .min(1)
      .max(200)
      .describe('Characteristics (for missed-parts: sources) that may set it off, by name'),
  })
  .describe('Which alerts set it off, when they are raised or get worse');

/** One reaction in a PLC: a stack light or a line stop. Never a safety function. */
export const reactionSettings = z
  .strictObject({
    enabled: z.boolean().default(false).describe('Nothing is written while this is false'),
    action: z
      .enum(['light', 'stop'])
      .describe('light: set at once · stop: only while two people have armed it'),
    plc: z
      .string()
      .regex(/^(tcp|tls|udp|rtu\+tcp|ascii\+tcp|rtu|ascii):\/\//, "e.g. 'tcp://10.0.0.5:502'")
      .describe('The PLC, written as the url of a Modbus source'),
    unit: z.int().min(1).max(247).default(1).describe('Unit id; broadcasts are not sent'),
    write,
    when,
    within: duration('60s').describe('An alert older than this is not acted upon any more'),
    every: duration('10s')
      .refine((ms) => ms >= LEAST_SPACING_MS, 'at least 10s')
      .describe('Shortest time between two writes, repeats included'),
    perHour: z
      .int()
      .min(1)
      .max(MOST_PER_HOUR)
      .default(MOST_PER_HOUR)
      .describe('Most writes in an hour, repeats included'),
    attempts: z.int().min(1).max(MOST_PER_HOUR).default(3).describe('Most writes for one alert'),
    timeout: duration('1s').describe('Longest wait for an answer of the PLC'),
    heartbeat: heartbeat.optional(),
    approvedBy: name
      .optional()
      .describe('Who approved an automatic stop; another person arms it on the page'),
    armFor: z
      .string()
      .refine((text) => (parseDuration(text) ?? 0) > 0, "a duration such as '8h'")
      .default('8h')
      .transform((text) => Math.min(parseDuration(text) ?? 0, 24 * 3_600_000))
      .describe('How long an arming lasts; 24h at most, and never over a restart'),
  })
  .refine((r) => r.action !== 'stop' || r.approvedBy !== undefined, {
    message: 'an automatic stop needs approvedBy: the name of the person who approved it',
    path: ['approvedBy'],
  })
  .refine((r) => r.heartbeat === undefined || r.heartbeat.register !== r.write.register, {
    message: 'the heartbeat needs a register of its own',
    path: ['heartbeat', 'register'],
  })
  .describe('A stack light or a line stop over Modbus; never a safety function');

export type ReactionSettings = z.output<typeof reactionSettings>;

/** Every reaction by name; no two write the same place. */
export const reactionsSettings = z
  .record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/), reactionSettings)
  .superRefine((all, c) => {
    const taken = new Map<string, string>();
    for (const [own, r] of Object.entries(all)) {
      for (const place of placesOf(r)) {
        const other = taken.get(place);
        const message = `writes the same place as '${other}': each needs a place of its own`;
        if (other !== undefined) c.addIssue({ code: 'custom', path: [own, 'write'], message });
        taken.set(place, own);
      }
    }
  })
  .default({})
  .describe('What is set in a PLC when an alert is raised; nothing when left out');

function placesOf({ plc, unit, write: w, heartbeat: h }: ReactionSettings): string[] {
  const at = `${plc} ${unit}`;
  const place = w.coil === undefined ? `register ${w.register}` : `coil ${w.coil}`;
  return [`${at} ${place}`, ...(h === undefined ? [] : [`${at} register ${h.register}`])];
}
