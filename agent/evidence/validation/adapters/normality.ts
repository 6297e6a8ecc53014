import * as tests from '../../../spc/normality.ts';
import { shapiroWilk } from '../../../spc/shapiro-wilk.ts';
import { type Adapter, need } from './common.ts';

export const normality: Adapter = (input) => {
  const data = need<number[]>(input, 'data');
  return {
    n: data.length,
    andersonDarling: tests.andersonDarling(data),
    shapiroWilk: shapiroWilk(data),
    lilliefors: tests.lilliefors(data),
    probabilityPlotCorrelation: tests.probabilityPlotCorrelation(data),
    jarqueBera: tests.jarqueBera(data),
  };
};
