import { sourceContract } from '../../contracts/source.ts';
import { poke, startDevice } from '../../support/modbus-device.ts';
import { until } from '../../support/source-context.ts';
import { makeSource, RECORD } from './rig.ts';

sourceContract('modbus', async () => {
  const device = await startDevice();
  const gone = await startDevice();
  await gone.close();
  let part = 0;
  const settings = (url: string) => ({
    url,
    timeout: '200ms',
    units: [{ id: 1, name: 'cnc', records: [RECORD] }],
  });
  return {
    tags: ['cnc.od', 'cnc.taper'],
    counters: ['requests', 'timeouts', 'exceptions', 'lateFrames', 'connections', 'readings'],
    unreachable: (context) => makeSource(settings(gone.url), context),
    live: (context) => makeSource(settings(device.url), context),
    ready: (source) => until(() => source.health().state === 'up', 'the link is up'),
    produce() {
      part += 1;
      poke(device, 6, 'float32', 21.5 + part);
      poke(device, 8, 'float32', 0.5);
      poke(device, 0, 'uint32', part);
    },
    close: () => device.close(),
  };
});
