import { vectorCharts } from '../../charts/multivariate/index.ts';
import { parametersOf, type VectorContext } from '../../charts/multivariate/vector.ts';
import type { Characteristic } from '../../model.ts';
import { NO_SPREAD, type Numbers, type Subgroup } from '../../spc/plotted.ts';
import type { Subgrouper } from '../../subgroups/subgroup.ts';
import { type CharacteristicPlan, planCharacteristic } from '../characteristic-plan.ts';
import type { CharacteristicSettings } from '../characteristic-settings.ts';
import { layOut } from '../layout.ts';
import { type GroupSettings, pointsWanted } from './settings.ts';

/** How readings of several characteristics become the rows of one group. */
export interface JoinPlan {
  /** position of the group among the plans, and of its members, in its order */
  at: number;
  members: number[];
  /** 'sequence', or the name of a context */
  by: string;
  /** streams of one source count the same parts: so it is in a file */
  across?: boolean;
  openRows: number;
  maxGapMs: number;
  /** changes exactly when rows that are open would no longer fit */
  fingerprint: string;
}

interface Planned {
  characteristics: CharacteristicPlan[];
  joins: JoinPlan[];
}

/** Plans of all characteristics and, behind them, of the groups whose members are all among them. */
export function planAll(
  rows: Readonly<Record<string, CharacteristicSettings>>,
  groups: Readonly<Record<string, GroupSettings>> = {},
): Planned {
  const characteristics = Object.entries(rows).map(([id, row]) => planCharacteristic(id, row));
  const joins: JoinPlan[] = [];
  const found = new Map(characteristics.map((plan, at) => [plan.id, at]));
  for (const [id, group] of Object.entries(groups)) {
    const members = group.characteristics.map((member) => found.get(member) ?? -1);
    if (members.includes(-1)) continue;
    const subjects = members.flatMap((at) => characteristics[at]?.subject ?? []);
    joins.push({
      at: characteristics.length,
      members,
      by: group.join,
      openRows: group.openRows,
      maxGapMs: group.maxGap,
      fingerprint: JSON.stringify([group.characteristics, group.join]),
    });
    characteristics.push(planGroup(id, group, subjects));
  }
  return { characteristics, joins };
}

/** A group is planned like a characteristic without a unit and a tolerance, fed with whole rows. */
function planGroup(
  id: string,
  s: GroupSettings,
  members: readonly Characteristic[],
): CharacteristicPlan {
  const ids = s.characteristics;
  const { size } = s.subgroup;
  const covariance = s.limits.kind === 'baseline' ? s.limits.covariance : 'sample';
  const names = members.map((member) => member.name);
  const context: VectorContext = { ids, names, size, covariance };
  const kinds = s.charts.map((chart) => vectorCharts.create(chart, context));
  const layoutKey = JSON.stringify([[ids, size], s.charts]);
  const layout = layOut(rowsOf(ids.length, size), kinds, []);
  return {
    id,
    subject: subjectOf(id, s, members),
    fingerprint: JSON.stringify([layoutKey, s.limits, s.maxGap]),
    lsl: null,
    usl: null,
    low: -Number.MAX_VALUE,
    high: Number.MAX_VALUE,
    natural: 'none',
    maxGapMs: s.maxGap,
    noDataAfterMs: s.noDataAfter,
    limits: limitsOf(s),
    estimator: 'pooled/c4',
    wanted: pointsWanted(s),
    layout,
    ...layout,
  };
}

/** Centre and sigma are those of T² itself under known parameters: p and √(2p). */
function limitsOf(s: GroupSettings): CharacteristicPlan['limits'] {
  if (s.limits.kind === 'baseline') {
    return { kind: 'baseline', requireApproval: s.limits.requireApproval };
  }
  const { mean, covariance: cov } = s.limits;
  const parameters = parametersOf({ mean, cov, basis: null }, s.characteristics);
  return { kind: 'fixed', center: mean.length, sigma: Math.sqrt(2 * mean.length), parameters };
}

/** What all members have in common is the group's as well. */
function subjectOf(
  id: string,
  s: GroupSettings,
  members: readonly Characteristic[],
): Characteristic {
  const common = (of: (member: Characteristic) => string): string => {
    const first = members[0] === undefined ? '' : of(members[0]);
    return members.every((member) => of(member) === first) ? first : '';
  };
  return {
    id,
    name: s.name,
    unit: '',
    nominal: null,
    lsl: null,
    usl: null,
    class: s.class,
    resolution: null,
    decimals: s.decimals,
    reactionPlan: s.reactionPlan,
    part: common((member) => member.part),
    line: common((member) => member.line),
    machine: common((member) => member.machine),
  };
}

const TAKEN = 0;
const VALUES = 1;

/** Takes the values of `size` rows one after the other; they mean nothing but together. */
function rowsOf(p: number, size: number): Subgrouper {
  const slots = VALUES + p * size;
  return {
    slots,
    size,
    sampling: size === 1 ? 'every part' : `every part, ${size} to a subgroup`,
    add: (state, at, subgroup) => addValue(state, at, subgroup, p * size, size),
    missed() {},
    interrupt(state, at) {
      const dropped = (state[at + TAKEN] as number) > 0 ? 1 : 0;
      state.fill(0, at, at + slots);
      return dropped;
    },
  };
}

function addValue(
  state: Numbers,
  at: number,
  subgroup: Subgroup,
  wanted: number,
  size: number,
): boolean {
  const taken = state[at + TAKEN] as number;
  state[at + VALUES + taken] = subgroup.reading;
  if (taken + 1 < wanted) {
    state[at + TAKEN] = taken + 1;
    return false;
  }
  state[at + TAKEN] = 0;
  subgroup.size = size;
  subgroup.mean = 0;
  subgroup.range = NO_SPREAD;
  subgroup.sd = NO_SPREAD;
  subgroup.squares = 0;
  subgroup.values.length = wanted;
  for (let i = 0; i < wanted; i += 1) subgroup.values[i] = state[at + VALUES + i] as number;
  return true;
}
