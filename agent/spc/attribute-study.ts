/** Attribute agreement study (AIAG MSA 4th edition): ratings[unit][appraiser][trial]. */
import { clopperPearson, type Share } from './agreement.ts';

type Rating = string | number;

export interface AttributeStudy {
  withinAppraiser: Share[];
  vsReference: Share[];
  betweenAppraisers: Share;
  allVsReference: Share;
  /** bad called good, of all chances to; per appraiser */
  missRate: (number | null)[];
  /** good called bad, of all chances to; per appraiser */
  falseAlarmRate: (number | null)[];
}

/** Shares of units judged alike, and rates of the two mistakes. */
export function attributeStudy(
  ratings: readonly (readonly (readonly Rating[])[])[],
  reference: readonly Rating[],
  good: Rating,
  bad: Rating,
  confidence = 0.95,
): AttributeStudy {
  const appraisers = ratings[0] ?? [];
  const count = (holds: (unit: readonly (readonly Rating[])[], i: number) => boolean) =>
    clopperPearson(ratings.filter(holds).length, ratings.length, confidence);
  const same = (trials: readonly Rating[]) => trials.every((one) => one === trials[0]);
  const right = (trials: readonly Rating[], i: number) =>
    trials.every((one) => one === reference[i]);
  const rate = (appraiser: number, truth: Rating, called: Rating) => {
    const judged = ratings.flatMap((unit, i) =>
      reference[i] === truth ? (unit[appraiser] ?? []) : [],
    );
    const wrong = judged.filter((one) => one === called).length;
    return judged.length === 0 ? null : wrong / judged.length;
  };
  return {
    withinAppraiser: appraisers.map((_, a) => count((unit) => same(unit[a] ?? []))),
    vsReference: appraisers.map((_, a) => count((unit, i) => right(unit[a] ?? [], i))),
    betweenAppraisers: count((unit) => same(unit.flat())),
    allVsReference: count((unit, i) => right(unit.flat(), i)),
    missRate: appraisers.map((_, a) => rate(a, bad, good)),
    falseAlarmRate: appraisers.map((_, a) => rate(a, good, bad)),
  };
}
