import type { Wiring } from '../shell.ts';
import { createIndusLine } from './line.ts';
import { SECONDS_PER_SHOT } from './model.ts';

/** Demo plant P2: machine, camera, scale, laboratory and inspection, all over MQTT. */
export const indus: Wiring = {
  secondsPerStep: SECONDS_PER_SHOT,
  line: createIndusLine,
  machines: {},
  topic: 'indus/moulding',
};
