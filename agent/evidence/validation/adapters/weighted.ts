import { isBeyond } from '../../../spc/control-chart.ts';
import { changeEstimate, cusum as cusumOf } from '../../../spc/cusum.ts';
import { ewmaChart, ewmaSteadyError } from '../../../spc/ewma.ts';
import { type Adapter, need, option, series, undefinedFor } from './common.ts';

export const ewma: Adapter = (input) => {
  const { means, sizes, sigma, center } = series(input);
  const target = option(input, 'target', center);
  const lambda = need<number>(input, 'lambda');
  const width = need<number>(input, 'L');
  const chart = ewmaChart({ means, sizes, target, sigma, lambda, width });
  const size = sizes[0];
  const ragged = size === undefined || sizes.some((n) => n !== size);
  if (sigma === null || target === null || ragged) {
    return { sigma, ewma: chart };
  }
  const half = width * ewmaSteadyError(sigma, lambda, size);
  const band = { center: target, lcl: target - half, ucl: target + half };
  const beyond = chart.plotted.flatMap((z, i) => (isBeyond(z, band) ? [i] : []));
  return { sigma, ewma: chart, asymptotic: { lcl: band.lcl, ucl: band.ucl, beyond } };
};

export const cusum: Adapter = (input) => {
  const { means, sizes, sigma, center } = series(input);
  const target = option(input, 'target', center);
  const k = need<number>(input, 'k');
  const h = need<number>(input, 'h');
  if (sigma === null || target === null) {
    return { sigma, target, ...undefinedFor('sigma or the target cannot be estimated') };
  }
  const settings = { means, sizes, target, sigma, k, h, headStart: option(input, 'headStart', 0) };
  const sums = cusumOf(settings);
  if (sums === null) {
    return { sigma, target, ...undefinedFor('sigma is 0: distances in sigmas are not defined') };
  }
  // One unit for all points: with unequal sizes there is none.
  const size = sizes.every((n) => n === sizes[0]) ? sizes[0] : undefined;
  const error = size === undefined ? null : sigma / Math.sqrt(size);
  // A head start or unequal sizes leave the age of a sum without meaning.
  const dated = error !== null && settings.headStart === 0;
  const change = dated ? changeEstimate(sums, settings) : null;
  return {
    sigma,
    target,
    ...sums,
    cPlusDataUnits: error === null ? null : sums.cPlus.map((c) => c * error),
    cMinusDataUnits: error === null ? null : sums.cMinus.map((c) => c * error),
    decisionIntervalDataUnits: error === null ? null : h * error,
    changeEstimate: change,
  };
};
