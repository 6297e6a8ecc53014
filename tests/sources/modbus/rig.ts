import { modbus } from '../../../agent/sources/modbus/index.ts';
import type { SourceContext } from '../../../agent/sources/source.ts';

/** Settings as a person writes them, checked and completed as the agent does it. */
export function makeSource(settings: Record<string, unknown>, context: SourceContext) {
  return modbus.create(modbus.settings.strict().parse(settings), context);
}

/** A result block: counter at 0, status at 2, spindle at 3, a float at 6 and one at 8. */
export const RECORD = {
  name: 'result',
  every: '10ms',
  sequence: { address: 0, type: 'uint32' },
  fields: {
    od: { address: 6, type: 'float32' },
    taper: { address: 8, type: 'float32' },
    spindle: { address: 3, type: 'uint16', role: 'context' },
  },
};
