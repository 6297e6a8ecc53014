import type { Wiring } from '../shell.ts';
import { createRaviLine } from './line.ts';
import { SECONDS_PER_PART } from './model.ts';

const recipe = 22;

/** Demo plant P1: machines over Modbus TCP, the laboratory's gauges over MQTT. */
export const ravi: Wiring = {
  secondsPerStep: SECONDS_PER_PART,
  line: createRaviLine,
  machines: {
    cnc: { unit: 1, block: { values: ['od'], about: { spindle: 3 }, recipe } },
    grinder: { unit: 2, block: { values: ['od'], recipe } },
    induction: { unit: 3, block: { values: ['power', 'scanSpeed', 'quench'], recipe } },
  },
  topic: 'ravi/shafts',
};
