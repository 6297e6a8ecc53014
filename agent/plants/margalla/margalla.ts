import type { Wiring } from '../shell.ts';
import { createMargallaLine } from './line.ts';
import { SECONDS_PER_CELL } from './model.ts';

/** Demo plant P4: the cell tester over Modbus TCP, the line's other stations over MQTT. */
export const margalla: Wiring = {
  secondsPerStep: SECONDS_PER_CELL,
  line: createMargallaLine,
  machines: {
    cell: {
      unit: 1,
      block: { values: ['ocv', 'ocvOfLot', 'acir', 'kValue', 'lnK'], about: { lot: 3 } },
    },
  },
  topic: 'margalla/packs',
};
