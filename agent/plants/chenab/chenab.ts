import type { Wiring } from '../shell.ts';
import { createChenabLine } from './line.ts';
import { SECONDS_PER_SHOT } from './model.ts';

const recipe = 35;

/** Demo plant P3: four stations on one serial line, Modbus RTU behind a gateway on TCP. */
export const chenab: Wiring = {
  secondsPerStep: SECONDS_PER_SHOT,
  line: createChenabLine,
  machines: {
    press: {
      unit: 1,
      block: {
        values: ['fastShot', 'intensification', 'rise', 'biscuit', 'dosing', 'metalT', 'dieT'],
        about: { die: 3, ladle: 5 },
        bits: { warmUp: 4 },
        recipe,
      },
    },
    cnc: { unit: 2, block: { values: ['bore'], about: { tool: 3 }, recipe } },
    leak: { unit: 3, block: { values: ['rate', 'ln'], bits: { masterFailed: 5 }, recipe } },
    inspection: { unit: 4, block: { values: ['porous'], recipe } },
  },
  modbus: 'rtu+tcp',
};
