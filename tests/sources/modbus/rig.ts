import { modbus } from '../../../agent/sources/modbus/index.ts';
import type { Source, SourceContext } from '../../../agent/sources/source.ts';
import { type Device, poke, startDevice } from '../../support/modbus-device.ts';
import { type TestContext, testContext } from '../../support/source-context.ts';

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

/** A device and the means to read it; many run side by side. */
export interface Rig {
  device: Device;
  context: TestContext;
  /** starts a source on the device: its settings, and those of its only unit */
  begin(settings?: Record<string, unknown>, unit?: Record<string, unknown>): Source;
  counters(): Record<string, number>;
  /** the PLC finishes a part; the number decides its values */
  makePart(part: number): void;
  odOf(part: number): number;
  health(): ReturnType<Source['health']>;
}

/** Runs a test on a rig of its own and takes it down afterwards. */
export async function onRig(
  tags: readonly string[],
  test: (rig: Rig) => Promise<void>,
  over: Partial<SourceContext> = {},
): Promise<void> {
  const device = await startDevice();
  const context = testContext(tags, over);
  let source: Source | null = null;
  const current = () => {
    if (source === null) throw new Error('begin() first');
    return source;
  };
  const odOf = (part: number) => Math.fround(20 + part / 1000);
  try {
    await test({
      device,
      context,
      begin(settings = {}, unit = {}) {
        const units = [{ id: 1, name: 'cnc', records: [RECORD], ...unit }];
        const basic = { url: device.url, timeout: '60ms', connectTimeout: '500ms', units };
        source = makeSource({ ...basic, ...settings }, context);
        source.start();
        return source;
      },
      counters: () => current().health().counters,
      health: () => current().health(),
      odOf,
      makePart(part) {
        poke(device, 6, 'float32', odOf(part));
        poke(device, 8, 'float32', part);
        poke(device, 0, 'uint32', part);
      },
    });
  } finally {
    await (source as Source | null)?.stop();
    await device.close();
  }
}
