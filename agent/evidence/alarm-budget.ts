/**
 * Alarm budget: how many false alarms a shift the configured charts give, how late they find the
 * shift that matters, and what to change so that people get no more than they can answer.
 * Rates of charts are added, which is a little too many: two charts may ring for one point.
 */

import { sayChange, summarise } from './alarm-budget-words.ts';

/** One chart of a characteristic under one choice of rules and limits. */
export interface ChartChoice {
  chart: string;
  /** average points to a false alarm; null: it never rings */
  arl0: number | null;
  /** its standard error when simulated; null when exact */
  arl0Error: number | null;
  /** average points from the shift that matters to a signal; null: not found */
  arl1: number | null;
  /** why nothing can be said; then it is not counted */
  reason: string | null;
}

/** One way to watch a characteristic. */
export interface Choice {
  /** what it is, in words: '3 sigma limits alone' */
  words: string;
  /** lines for the settings file */
  settings: string[];
  /** parts from one point to the next */
  partsPerPoint: number;
  charts: ChartChoice[];
}

/** A characteristic with what is configured and what could be. */
export interface BudgetItem {
  characteristic: string;
  partsPerHour: number;
  /** the shift that matters, in sigmas of single readings */
  delta: number;
  now: Choice;
  /** asked for only when the budget is not met as it is */
  alternatives(): Choice[];
}

/** What one characteristic costs and gives under one choice. */
export interface Load {
  characteristic: string;
  words: string;
  pointsPerShift: number;
  /** expected, all charts */
  falsePerShift: number;
  charts: { chart: string; falsePerShift: number; arl0: number | null; arl1: number | null }[];
  /** parts made until the shift that matters is found, on average; null: never */
  delayParts: number | null;
  delayHours: number | null;
}

export interface Change {
  characteristic: string;
  from: Load;
  to: Load;
  settings: string[];
  sentence: string;
}

export interface AlarmBudget {
  budget: number;
  shiftHours: number;
  now: Load[];
  falseNow: number;
  proposed: Load[];
  falseProposed: number;
  changes: Change[];
  /** charts left out, with the reason */
  notCounted: { characteristic: string; chart: string; reason: string }[];
  /** the proposal meets the budget */
  met: boolean;
  summary: string[];
}

/** Finds the changes that meet the budget at the least loss of speed. */
export function alarmBudget(
  items: readonly BudgetItem[],
  budget: number,
  shiftHours: number,
): AlarmBudget {
  const loadOf = (item: BudgetItem, choice: Choice) => load(item, choice, shiftHours);
  const now = items.map((item) => loadOf(item, item.now));
  const chosen = choose(items, budget, loadOf);
  const proposed = items.map((item, i) => loadOf(item, chosen[i] ?? item.now));
  const changes = items.flatMap((item, i): Change[] => {
    const choice = chosen[i] ?? item.now;
    const from = now[i] as Load;
    const to = proposed[i] as Load;
    if (choice === item.now) return [];
    const sentence = sayChange(item, from, to);
    return [{ characteristic: item.characteristic, from, to, settings: choice.settings, sentence }];
  });
  const falseNow = total(now);
  const falseProposed = total(proposed);
  const notCounted = items.flatMap(({ characteristic, now: choice }) =>
    choice.charts.flatMap(({ chart, reason }) =>
      reason === null ? [] : [{ characteristic, chart, reason }],
    ),
  );
  const result = {
    budget,
    shiftHours,
    now,
    falseNow,
    proposed,
    falseProposed,
    changes,
    notCounted,
  };
  const met = falseProposed <= budget;
  return { ...result, met, summary: summarise({ ...result, met }) };
}

const total = (loads: readonly Load[]) => loads.reduce((sum, one) => sum + one.falsePerShift, 0);

function load(item: BudgetItem, choice: Choice, shiftHours: number): Load {
  const pointsPerShift = (item.partsPerHour * shiftHours) / choice.partsPerPoint;
  const charts = choice.charts.map(({ chart, arl0, arl1 }) => ({
    chart,
    falsePerShift: arl0 === null ? 0 : pointsPerShift / arl0,
    arl0,
    arl1,
  }));
  const fastest = charts.reduce((best, { arl1 }) => Math.min(best, arl1 ?? Infinity), Infinity);
  // The shift begins somewhere between two points: half an interval on average.
  const delay = (fastest - 0.5) * choice.partsPerPoint;
  const delayParts = Number.isFinite(delay) ? delay : null;
  return {
    characteristic: item.characteristic,
    words: choice.words,
    pointsPerShift,
    falsePerShift: charts.reduce((sum, chart) => sum + chart.falsePerShift, 0),
    charts,
    delayParts,
    delayHours: delayParts === null ? null : delayParts / item.partsPerHour,
  };
}

type LoadOf = (item: BudgetItem, choice: Choice) => Load;

/**
 * The least sum of the logarithms of all delays within the budget: for a price per false alarm
 * every characteristic takes its best choice, and the price rises until the budget is met.
 */
function choose(items: readonly BudgetItem[], budget: number, loadOf: LoadOf): Choice[] {
  const sum = (choices: readonly Choice[]) =>
    total(items.map((item, i) => loadOf(item, choices[i] as Choice)));
  let chosen = items.map((item) => item.now);
  if (sum(chosen) <= budget) return chosen;
  const offered = items.map((item) =>
    item.now.charts.some((chart) => chart.reason !== null)
      ? [item.now]
      : [item.now, ...item.alternatives()],
  );
  const at = (price: number) =>
    items.map((item, i) => cheapest(item, offered[i] ?? [], price, loadOf));
  let low = 0;
  let high = 1e6;
  chosen = at(high);
  for (let rounds = 0; rounds < 60; rounds += 1) {
    const price = rounds < 20 ? (low + high) / 2 : Math.sqrt(Math.max(low, 1e-9) * high);
    const next = at(price);
    if (sum(next) <= budget) {
      high = price;
      chosen = next;
    } else low = price;
  }
  relax(items, offered, chosen, budget, loadOf);
  return chosen;
}

/** The best choice at a price per false alarm; what is configured wins a tie. */
function cheapest(
  item: BudgetItem,
  offered: readonly Choice[],
  price: number,
  loadOf: LoadOf,
): Choice {
  const costOf = (choice: Choice) => {
    const { delayParts, falsePerShift } = loadOf(item, choice);
    return Math.log(delayParts ?? Number.MAX_VALUE) + price * falsePerShift;
  };
  let best = item.now;
  for (const choice of offered) {
    const finds = loadOf(item, choice).delayParts !== null;
    if (finds && costOf(choice) < costOf(best) - 1e-9) best = choice;
  }
  return best;
}

/** Where room is left, a faster choice for one characteristic after the other. */
function relax(
  items: readonly BudgetItem[],
  offered: readonly Choice[][],
  chosen: Choice[],
  budget: number,
  loadOf: LoadOf,
): void {
  items.forEach((item, i) => {
    const others = items.reduce(
      (sum, other, j) => (j === i ? sum : sum + loadOf(other, chosen[j] as Choice).falsePerShift),
      0,
    );
    if (chosen[i] === item.now) return;
    const slowness = (choice: Choice) => loadOf(item, choice).delayParts ?? Infinity;
    for (const choice of offered[i] ?? []) {
      const fits = others + loadOf(item, choice).falsePerShift <= budget;
      if (fits && slowness(choice) < slowness(chosen[i] as Choice)) chosen[i] = choice;
    }
  });
}
