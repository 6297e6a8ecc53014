/** The alarm budget as people read it. */
import type { AlarmBudget, BudgetItem, Load } from './alarm-budget.ts';

/** What a change costs and gives, in a sentence. */
export function sayChange(item: BudgetItem, from: Load, to: Load): string {
  return (
    `${item.characteristic}: ${to.words} instead of ${from.words}. ` +
    `False alarms ${few(from.falsePerShift)} → ${few(to.falsePerShift)} a shift; ` +
    `a change of ${few(item.delta)} sigma is found after about ${parts(to.delayParts)} ` +
    `instead of ${parts(from.delayParts)}.`
  );
}

/** The budget in a few sentences. */
export function summarise(b: Omit<AlarmBudget, 'summary'>): string[] {
  const points = b.now.reduce((sum, one) => sum + one.pointsPerShift, 0);
  const charts = b.now.reduce((sum, one) => sum + one.charts.length, 0);
  const words = [
    `${Math.round(points)} points a shift of ${few(b.shiftHours)} h on ${charts} charts give ` +
      `about ${few(b.falseNow)} false alarms a shift; ${few(b.budget)} are tolerated.`,
  ];
  if (b.changes.length === 0 && b.met) words.push('That is within the budget: change nothing.');
  if (b.changes.length > 0) {
    words.push(`With the changes below about ${few(b.falseProposed)} remain.`);
  }
  if (!b.met) {
    words.push(
      'No rules, limits or sampling offered here meet the budget: watch fewer characteristics, ' +
        'or accept more false alarms.',
    );
  }
  if (b.notCounted.length > 0) {
    const which = b.notCounted.map((one) => `${one.characteristic} (${one.chart})`).join(', ');
    words.push(`Not counted, and not changed: ${which}.`);
  }
  words.push(
    'Counted for independent, normal readings and limits that fit; where neighbours are alike ' +
      'or limits rest on few readings there are more (meyar advise DATA tells).',
  );
  return words;
}

const parts = (count: number | null) =>
  count === null ? 'no number of parts' : `${few(count)} parts`;

/** Two or three digits that matter. */
function few(x: number): string {
  if (x >= 100) return String(Math.round(x));
  return String(Number(x.toPrecision(x >= 10 ? 3 : 2)));
}
