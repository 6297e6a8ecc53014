import type { SourceContext } from '../../agent/sources/source.ts';
import {
  createSparkplugSource,
  type SparkplugSource,
} from '../../agent/sources/sparkplug/index.ts';
import { settings } from '../../agent/sources/sparkplug/settings.ts';
import type { Publisher } from './mqtt.ts';
import { until } from './source-context.ts';
import { type MetricInput, sparkplugBytes } from './sparkplug-bytes.ts';

/** An edge node as a test drives it: it counts its messages as the specification says. */
export interface EdgeNode {
  nbirth(metrics?: MetricInput[], bdSeq?: number): Promise<void>;
  dbirth(device: string, metrics: MetricInput[]): Promise<void>;
  ndata(metrics: MetricInput[]): Promise<void>;
  ddata(device: string, metrics: MetricInput[]): Promise<void>;
  ddeath(device: string): Promise<void>;
  ndeath(bdSeq: number): Promise<void>;
  /** a message that nobody gets */
  lose(): void;
}

/** `qos` of all but its deaths, which are sent with 1: the specification wants 0. */
export function edgeNode(out: Publisher, group: string, node: string, qos: 0 | 1 = 1): EdgeNode {
  let seq = 0;
  const send = (type: string, device: string, metrics: MetricInput[]) => {
    const counted = type === 'NDEATH' ? {} : { seq };
    if (type !== 'NDEATH') seq = (seq + 1) % 256;
    const end = device === '' ? '' : `/${device}`;
    const payload = sparkplugBytes({ timestamp: Date.now(), ...counted, metrics });
    const topic = `spBv1.0/${group}/${type}/${node}${end}`;
    return out.send(topic, payload, false, type === 'NDEATH' ? 1 : qos);
  };
  return {
    nbirth(metrics = [], bdSeq = 0) {
      seq = 0;
      return send('NBIRTH', '', [{ name: 'bdSeq', datatype: 8, long: bdSeq }, ...metrics]);
    },
    dbirth: (device, metrics) => send('DBIRTH', device, metrics),
    ndata: (metrics) => send('NDATA', '', metrics),
    ddata: (device, metrics) => send('DDATA', device, metrics),
    ddeath: (device) => send('DDEATH', device, []),
    ndeath: (bdSeq) => send('NDEATH', '', [{ name: 'bdSeq', datatype: 8, long: bdSeq }]),
    lose() {
      seq = (seq + 1) % 256;
    },
  };
}

export function sparkplugSource(
  url: string,
  context: SourceContext,
  over: Record<string, unknown> = {},
): SparkplugSource {
  return createSparkplugSource(
    settings.parse({ url, nodes: [{ group: 'ravi' }], ...over }),
    context,
  );
}

export async function listening(source: SparkplugSource): Promise<void> {
  await until(() => source.health().counters['subscribed'] === 1, 'the subscription is answered');
}
