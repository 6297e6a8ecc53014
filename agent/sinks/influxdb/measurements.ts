import type { Characteristic } from '../../model.ts';

/**
 * The series that Meyar writes: one table for the encoder, the dashboards and their tests. Tags are
 * bounded sets; what grows with every part (serial, lot, operator) is a field. A name is never used
 * as tag and field in one measurement, and a field never changes its type.
 */
export const MEASUREMENTS = {
  /** one accepted reading; a bad one has its quality and no value */
  spc_sample: {
    tags: ['site', 'line', 'machine', 'part', 'characteristic'],
    fields: {
      value: 'float',
      quality: 'int',
      seq: 'int',
      src_delay_ms: 'int',
      serial: 'text',
      lot: 'text',
      order: 'text',
      cavity: 'text',
      spindle: 'text',
      tool: 'text',
      gauge: 'text',
      operator: 'text',
      shift: 'text',
    },
  },
  /** one plotted point with the limits that judged it, so that zooming never changes a limit */
  spc_subgroup: {
    tags: ['site', 'line', 'machine', 'part', 'characteristic', 'chart'],
    fields: {
      value: 'float',
      cl: 'float',
      lcl: 'float',
      ucl: 'float',
      z: 'float',
      rules: 'int',
      spread: 'float',
      spread_cl: 'float',
      spread_lcl: 'float',
      spread_ucl: 'float',
      spread_rules: 'int',
      lsl: 'float',
      usl: 'float',
      target: 'float',
      n: 'int',
      index: 'int',
      seq: 'int',
      state: 'int',
      phase: 'int',
      limits_rev: 'int',
    },
  },
  /** one version of the limits; written again when somebody approved it */
  spc_limits: {
    tags: ['site', 'line', 'machine', 'part', 'characteristic'],
    fields: {
      rev: 'int',
      center: 'float',
      sigma: 'float',
      origin: 'text',
      estimator: 'text',
      subgroups: 'int',
      readings: 'int',
      baseline_outside: 'int',
      approved_by: 'text',
      approved_ms: 'int',
      note: 'text',
    },
  },
  /** a signal, an alert (rewritten in place while it lives), or parts that never arrived */
  spc_event: {
    tags: [
      'site',
      'line',
      'machine',
      'part',
      'characteristic',
      'chart',
      'kind',
      'rule',
      'statistic',
      'source',
    ],
    fields: {
      event_id: 'int',
      severity: 'text',
      title: 'text',
      text: 'text',
      value: 'float',
      seq: 'int',
      state: 'text',
      open: 'int',
      count: 'int',
      rules: 'text',
      provisional: 'int',
      onset_ms: 'int',
      ack_by: 'text',
      ack_ms: 'int',
      cleared_ms: 'int',
      cause: 'text',
      action: 'text',
      comment: 'text',
      serial: 'text',
      lot: 'text',
      stream: 'text',
      first_missed: 'int',
      last_missed: 'int',
      missed: 'int',
    },
  },
  /** what the overview needs, written now and then: it stops when the agent stops */
  spc_status: {
    tags: ['site', 'line', 'machine', 'part', 'characteristic'],
    fields: {
      state: 'int',
      age_s: 'float',
      last_value: 'float',
      readings: 'int',
      bad_readings: 'int',
      out_of_tolerance: 'int',
      open_alerts: 'int',
      baseline_remaining: 'int',
    },
  },
  /** indices with their lower 95 % bounds; a missing one is not defined and `reason` says why */
  spc_capability: {
    tags: ['site', 'line', 'machine', 'part', 'characteristic'],
    fields: {
      n: 'int',
      mean: 'float',
      sigma_within: 'float',
      sigma_overall: 'float',
      cp: 'float',
      cpk: 'float',
      pp: 'float',
      ppk: 'float',
      cp_lo: 'float',
      cpk_lo: 'float',
      pp_lo: 'float',
      ppk_lo: 'float',
      estimator: 'text',
      method: 'text',
      reason: 'text',
    },
  },
  /** the agent's own way out: what waits, since when, what was refused */
  spc_agent: {
    tags: ['site', 'sink'],
    fields: {
      state: 'int',
      backlog: 'int',
      oldest_unsent_s: 'float',
      rows_written: 'int',
      rows_rejected: 'int',
      probe: 'int',
    },
  },
  /** one source; its own counters follow as further float fields named `count_…` */
  spc_link: {
    tags: ['site', 'source', 'kind'],
    fields: { state: 'int', detail: 'text', since_s: 'float', age_s: 'float', parts_down: 'int' },
  },
} as const;

export type Measurement = keyof typeof MEASUREMENTS;
export type FieldOf<M extends Measurement> = keyof (typeof MEASUREMENTS)[M]['fields'] & string;
export type TagOf<M extends Measurement> = (typeof MEASUREMENTS)[M]['tags'][number];

/** Numbers of `state` in spc_subgroup and spc_status; shapes and words stand in the dashboards. */
export const STATE = { ok: 0, warning: 1, out: 2, stale: 3, provisional: 4 } as const;

/** Numbers of `state` in spc_agent and spc_link. */
export const LINK_STATE = { up: 0, degraded: 1, down: 2 } as const;

/** What every context of a delivery may add to a sample; other keys stay in the agent's journal. */
export const CONTEXT_FIELDS = [
  'serial',
  'lot',
  'order',
  'cavity',
  'spindle',
  'tool',
  'gauge',
  'operator',
  'shift',
] as const satisfies readonly FieldOf<'spc_sample'>[];

const encoder = new TextEncoder();

/** The tags every series of a characteristic has. */
export function placeTags(site: string, of: Characteristic) {
  return { site, line: of.line, machine: of.machine, part: of.part, characteristic: of.id };
}

/** `name=` of every field as bytes, by name: the encoder cannot misspell a field. */
export function fieldKeys<M extends Measurement>(measurement: M): Record<FieldOf<M>, Uint8Array> {
  const names = Object.keys(MEASUREMENTS[measurement].fields) as FieldOf<M>[];
  const entries = names.map((name) => [name, encoder.encode(`${name}=`)] as const);
  return Object.fromEntries(entries) as Record<FieldOf<M>, Uint8Array>;
}

/**
 * `measurement,tag=value,…` with tags in the order of the table (`extra` ones last). Empty values
 * are left out, as the server would refuse them.
 */
export function linePrefix<M extends Measurement>(
  measurement: M,
  tags: Partial<Record<TagOf<M>, string>>,
  extra: Record<string, string> = {},
): Uint8Array {
  const parts: string[] = [measurement];
  const own: readonly string[] = MEASUREMENTS[measurement].tags;
  const values = tags as Record<string, string | undefined>;
  for (const name of own) push(parts, name, values[name] ?? '');
  for (const [name, value] of Object.entries(extra)) {
    if (!own.includes(name)) push(parts, name, value);
  }
  return encoder.encode(parts.join(','));
}

function push(parts: string[], name: string, value: string): void {
  const clean = tagText(value);
  if (clean !== '') parts.push(`${tagText(name)}=${clean}`);
}

/**
 * Tag text as line protocol takes it. A backslash at the end would swallow the following comma and
 * no server has an escape for it, so it is cut; line breaks and control characters become blanks.
 */
export function tagText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
  const clean = text.replace(/[\u0000-\u001f\u007f]+/g, ' ').replace(/[\\\s]+$/, '');
  return clean.trim().slice(0, 200).replace(/\\+$/, '').replace(/[ ,=]/g, '\\$&');
}
