/**
 * Uncertainty budget of a measuring system and of a measurement process in the manner of VDA 5 and
 * ISO 22514-7 (GUM inside): standard uncertainties are added as squares, U = k u, Q = 2U/T.
 */

/** The influences the two standards name; every one is given once or not at all. */
export const INFLUENCES = {
  cal: { part: 'system', form: 'expanded' },
  res: { part: 'system', form: 'resolution' },
  evr: { part: 'system', form: 'standard' },
  bias: { part: 'system', form: 'limit' },
  lin: { part: 'system', form: 'limit' },
  mpe: { part: 'system', form: 'limit' },
  'ms-rest': { part: 'system', form: 'standard' },
  evo: { part: 'process', form: 'standard' },
  av: { part: 'process', form: 'standard' },
  gv: { part: 'process', form: 'standard' },
  ia: { part: 'process', form: 'standard' },
  stab: { part: 'process', form: 'standard' },
  obj: { part: 'process', form: 'standard' },
  temp: { part: 'process', form: 'standard' },
  'mp-rest': { part: 'process', form: 'standard' },
} as const;

export type Influence = keyof typeof INFLUENCES;

/**
 * How a figure stands for a standard uncertainty: itself; U = factor u of a certificate; half width
 * a of a rectangle (a/√3), a triangle (a/√6) or a U-shape (a/√2); a full step of a display (r/√12).
 */
export const FORMS = [
  'standard',
  'expanded',
  'limit',
  'triangle',
  'u-shape',
  'resolution',
] as const;
export type Form = (typeof FORMS)[number];

export interface Entry {
  influence: Influence;
  value: number;
  /** left out: the form usual for the influence */
  form?: Form | undefined;
  /** coverage factor of an expanded uncertainty; 2 when left out */
  factor?: number | undefined;
}

export interface BudgetRow {
  influence: Influence;
  value: number;
  form: Form;
  u: number;
  /** false: a larger influence that contains it counts in its place */
  inSystem: boolean;
  inProcess: boolean;
  /** percent of the variance of the process */
  share: number | null;
}

export interface Total {
  u: number;
  expanded: number;
  /** 2U/T in percent; null without a tolerance */
  q: number | null;
  /** the smallest tolerance the limit of Q allows: 2U/Q_max */
  leastTolerance: number;
}

export interface Budget {
  rows: BudgetRow[];
  system: Total | null;
  /** null when no influence of the process is given */
  process: Total | null;
  /** display step in percent of the tolerance */
  resolution: number | null;
}

export interface BudgetWish {
  tolerance: number | null;
  /** coverage factor k of U = k u */
  k?: number;
  /** largest Q in percent of the system and of the process */
  qSystem?: number;
  qProcess?: number;
}

/** u of one figure; null when it is no number from 0 up. */
export function standardUncertainty(value: number, form: Form, factor = 2): number | null {
  if (!(Number.isFinite(value) && value >= 0 && factor > 0)) return null;
  if (form === 'standard') return value;
  if (form === 'expanded') return value / factor;
  return value / Math.sqrt({ limit: 3, triangle: 6, 'u-shape': 2, resolution: 12 }[form]);
}

/**
 * u_MS² = u_cal² + max(u_evr, u_res)² + u_bias² + u_lin² + rest, or u_mpe² in place of all of them;
 * u_MP² = u_cal² + max(u_evr, u_evo, u_res)² + u_bias² + u_lin² + u_av² + u_gv² + u_ia² + u_stab² +
 * u_obj² + u_temp² + rest. The largest of the three counts because repeats on a part contain those
 * on a master, and both contain the step of the display. null for an entry that is no uncertainty.
 */
export function uncertaintyBudget(entries: readonly Entry[], wish: BudgetWish): Budget | null {
  const rows: BudgetRow[] = [];
  for (const { influence, value, form = INFLUENCES[influence].form, factor } of entries) {
    const u = standardUncertainty(value, form, factor);
    if (u === null || rows.some((row) => row.influence === influence)) return null;
    rows.push({ influence, value, form, u, inSystem: false, inProcess: false, share: null });
  }
  const u = (name: Influence) => rows.find((row) => row.influence === name)?.u ?? 0;
  const whole = rows.some((row) => row.influence === 'mpe');
  const inSystem = largest(rows, ['evr', 'res']);
  const inProcess = largest(rows, ['evo', 'evr', 'res']);
  for (const row of rows) {
    const repeat = REPEATS.has(row.influence);
    const system = INFLUENCES[row.influence].part === 'system';
    row.inSystem = whole ? row.influence === 'mpe' : repeat ? row === inSystem : system;
    // A maximum permissible error already holds the repeats on a master: only those on parts add.
    row.inProcess = whole && system ? row.influence === 'mpe' : repeat ? row === inProcess : true;
    if (whole && row.influence === 'evo') row.inProcess = row.u > Math.max(u('evr'), u('res'));
  }
  return totals(rows, wish);
}

const REPEATS = new Set<Influence>(['evr', 'res', 'evo']);

function largest(rows: readonly BudgetRow[], names: readonly Influence[]): BudgetRow | undefined {
  return rows
    .filter((row) => names.includes(row.influence))
    .reduce<BudgetRow | undefined>((a, b) => (a === undefined || b.u > a.u ? b : a), undefined);
}

function totals(rows: BudgetRow[], wish: BudgetWish): Budget {
  const { tolerance, k = 2, qSystem = 15, qProcess = 30 } = wish;
  const usable = tolerance !== null && tolerance > 0;
  const total = (counted: readonly BudgetRow[], most: number): Total | null => {
    if (counted.length === 0) return null;
    const u = Math.hypot(...counted.map((row) => row.u));
    const expanded = k * u;
    const q = usable ? (200 * expanded) / tolerance : null;
    return { u, expanded, q, leastTolerance: (200 * expanded) / most };
  };
  const system = rows.filter((row) => row.inSystem);
  const process = rows.filter((row) => row.inProcess);
  const any = rows.some((row) => INFLUENCES[row.influence].part === 'process');
  const whole = any ? process : system;
  const variance = whole.reduce((sum, row) => sum + row.u ** 2, 0);
  for (const row of whole) row.share = variance > 0 ? (100 * row.u ** 2) / variance : null;
  const step = rows.find((row) => row.form === 'resolution');
  return {
    rows,
    system: total(system, qSystem),
    process: any ? total(process, qProcess) : null,
    resolution: usable && step !== undefined ? (100 * step.value) / tolerance : null,
  };
}
