import { describe } from 'vitest';
import type { SparkplugSource } from '../../../agent/sources/sparkplug/index.ts';
import { sourceContract } from '../../contracts/source.ts';
import { needs } from '../../support/debian.ts';
import { freePort } from '../../support/free-port.ts';
import { startMosquitto } from '../../support/mosquitto.ts';
import { publisher } from '../../support/mqtt.ts';
import { until } from '../../support/source-context.ts';
import { edgeNode, listening, sparkplugSource } from '../../support/sparkplug.ts';
import { TYPE } from '../../support/sparkplug-bytes.ts';

describe.skipIf(!needs('mosquitto'))('sparkplug', () => {
  sourceContract('sparkplug', async () => {
    const broker = await startMosquitto();
    const out = await publisher(broker.url);
    const node = edgeNode(out, 'ravi', 'edge-1');
    const nobody = await freePort();
    let n = 0;
    return {
      tags: ['ravi/edge-1/press/force', 'ravi/edge-1/temp'],
      counters: ['received', 'readings', 'deadLettered', 'births', 'missedMessages'],
      unreachable: (context) => sparkplugSource(`mqtt://127.0.0.1:${nobody}`, context),
      live: (context) => sparkplugSource(broker.url, context),
      async ready(source) {
        await listening(source as SparkplugSource);
        await node.nbirth([{ name: 'temp', alias: 1, datatype: TYPE.Float, float: 20 }]);
        await node.dbirth('press', [
          { name: 'force', alias: 2, datatype: TYPE.Double, double: 12 },
        ]);
        await until(() => source.health().counters['births'] === 2, 'both births');
      },
      async produce() {
        n += 1;
        await node.ndata([{ alias: 1, float: 20 + n }]);
        await node.ddata('press', [{ alias: 2, double: 12 + n / 10 }]);
      },
      async close() {
        await out.close();
        await broker.close();
      },
    };
  });
});
