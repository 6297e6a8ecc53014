import { registry } from '../registry.ts';
import { influxdb } from './influxdb/influxdb.ts';
import { mqtt } from './mqtt/mqtt.ts';
import type { Sink, SinkContext } from './sink.ts';

/** Every kind of sink: one line to add one. */
export const sinks = registry<SinkContext, Sink>({ influxdb, mqtt });
