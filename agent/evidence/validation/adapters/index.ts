import * as attributes from './attributes.ts';
import * as basics from './basics.ts';
import * as capability from './capability.ts';
import { type Adapter, finite } from './common.ts';
import * as distribution from './distribution.ts';
import * as events from './events.ts';
import * as gage from './gage.ts';
import * as measurement from './measurement.ts';
import * as multivariate from './multivariate.ts';
import { normality } from './normality.ts';
import * as plans from './plans.ts';
import { rules } from './rules.ts';
import * as runLength from './run-length.ts';
import * as sampling from './sampling.ts';
import * as shewhart from './shewhart.ts';
import * as transforms from './transforms.ts';
import * as weighted from './weighted.ts';

const kinds: Record<string, Adapter> = {
  moments: basics.moments,
  constants: basics.constantTable,
  d2star: basics.d2star,
  'chart-xbar': shewhart.xbar,
  'chart-imr': shewhart.imr,
  'chart-median': shewhart.median,
  'chart-ma': shewhart.movingAverage,
  'chart-dnom': shewhart.dnom,
  'chart-zmr': shewhart.zmr,
  'chart-ewma': weighted.ewma,
  'chart-cusum': weighted.cusum,
  'chart-p': attributes.p,
  'chart-np': attributes.np,
  'chart-c': attributes.c,
  'chart-u': attributes.u,
  'chart-laney-p': attributes.laneyP,
  'chart-laney-u': attributes.laneyU,
  'chart-g': events.g,
  'chart-t': events.t,
  'chart-regression': events.regression,
  changepoint: events.changepoint,
  rules,
  capability: capability.capability,
  'capability-summary': capability.summary,
  'capability-nonnormal': distribution.capabilityNonnormal,
  boxcox: transforms.boxcox,
  johnson: transforms.johnson,
  distribution: distribution.distribution,
  gof: distribution.gof,
  normality,
  grr: gage.grr,
  'grr-nested': gage.nested,
  bias: gage.bias,
  linearity: gage.linearity,
  'type1-gage': gage.type1,
  kappa: gage.kappa,
  'attribute-agreement': gage.attributeAgreement,
  hotelling: multivariate.hotelling,
  mewma: multivariate.mewma,
  'generalized-variance': multivariate.generalizedVariance,
  'oc-attributes': sampling.attributes,
  'oc-double': sampling.double,
  'oc-variables': sampling.variables,
  'oc-attribute-chart': sampling.chart,
  'plan-attributes': sampling.attributePlan,
  'plan-variables': sampling.variablesPlan,
  'tolerance-factor': sampling.tolerance,
  'arl-shewhart': runLength.shewhart,
  'arl-ewma': runLength.ewma,
  'arl-cusum': runLength.cusum,
  'arl-mewma': runLength.mewma,
  'arl-rules': runLength.rules,
};

/** Kinds beyond the reference data: published and hand-worked cases of the shipped validation. */
const more: Record<string, Adapter> = {
  'gauge-stability': measurement.stability,
  'gauge-share': measurement.gaugeShare,
  resolution: measurement.resolution,
  uncertainty: measurement.uncertainty,
  conformity: measurement.conformity,
  'plan-aql': plans.byAql,
  'plan-zero': plans.zero,
  'plan-matched': plans.matched,
  'oc-outgoing': plans.outgoing,
  'skip-lot': plans.skipLot,
};

/**
 * The kinds of reference case the engine answers, each with its adapter. What is not defined for
 * an input is null or left out, with a `reason` where nothing is; an adapter throws only when the
 * input itself is not of its kind.
 */
export const adapters: Record<string, Adapter | undefined> = honest(kinds);

/** The same for the kinds that the reference data do not have. */
export const moreAdapters: Record<string, Adapter> = honest(more);

function honest(all: Record<string, Adapter>): Record<string, Adapter> {
  return Object.fromEntries(
    Object.entries(all).map(([kind, adapter]) => [
      kind,
      (input: Parameters<Adapter>[0]) => finite(adapter(input)) as Record<string, unknown>,
    ]),
  );
}
