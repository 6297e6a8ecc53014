import * as attributes from './adapters/attributes.ts';
import * as basics from './adapters/basics.ts';
import * as capability from './adapters/capability.ts';
import type { Adapter } from './adapters/common.ts';
import * as distribution from './adapters/distribution.ts';
import { normality } from './adapters/normality.ts';
import { rules } from './adapters/rules.ts';
import * as shewhart from './adapters/shewhart.ts';
import * as weighted from './adapters/weighted.ts';

/** The kinds of reference case the engine answers, each with its adapter. */
export const adapters: Record<string, Adapter | undefined> = {
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
  rules,
  capability: capability.capability,
  'capability-summary': capability.summary,
  distribution: distribution.distribution,
  'capability-nonnormal': distribution.capabilityNonnormal,
  gof: distribution.gof,
  normality,
};
