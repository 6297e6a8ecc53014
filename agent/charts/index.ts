import { registry } from '../registry.ts';
import { acceptance } from './acceptance.ts';
import { betweenWithin } from './between-within.ts';
import { c } from './c.ts';
import { cusum } from './cusum.ts';
import { dnom } from './dnom.ts';
import { ewma } from './ewma.ts';
import { g } from './g.ts';
import { group } from './group.ts';
import { groupRun } from './group-run.ts';
import { imr } from './imr.ts';
import { laneyP } from './laney-p.ts';
import { laneyU } from './laney-u.ts';
import { ma } from './ma.ts';
import { median } from './median.ts';
import { modified } from './modified.ts';
import { np } from './np.ts';
import { p } from './p.ts';
import { preControl } from './pre-control.ts';
import { q } from './q.ts';
import { range } from './range.ts';
import { regression } from './regression.ts';
import { residual } from './residual.ts';
import { sd } from './sd.ts';
import { t } from './t.ts';
import { u } from './u.ts';
import { xbarR } from './xbar-r.ts';
import { xbarS } from './xbar-s.ts';
import { zMr } from './z-mr.ts';
import { zone } from './zone.ts';

/** Every kind of chart: a new one is one file and one line here. */
export const chartKinds = {
  'xbar-r': xbarR,
  'xbar-s': xbarS,
  imr,
  median,
  range,
  sd,
  'between-within': betweenWithin,
  ewma,
  cusum,
  ma,
  zone,
  modified,
  acceptance,
  'pre-control': preControl,
  regression,
  residual,
  group,
  'group-run': groupRun,
  dnom,
  'z-mr': zMr,
  q,
  p,
  np,
  c,
  u,
  'laney-p': laneyP,
  'laney-u': laneyU,
  g,
  t,
};

/** Settings schema and maker of all chart kinds. */
export const charts = registry(chartKinds);

/** Kinds that look at the tolerance: it is part of how their state is laid out. */
export const toleranceCharts: ReadonlySet<string> = new Set([
  'modified',
  'acceptance',
  'pre-control',
  'regression',
]);
