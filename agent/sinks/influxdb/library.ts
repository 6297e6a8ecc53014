import { createRequire } from 'node:module';

type Library = typeof import('@influxdata/influxdb-client');

let loaded: Library | null = null;

/** The official client, loaded by whoever has an InfluxDB to send to. */
export function library(): Library {
  // Not by `import`: its other form imports node:http, which loads fetch with it.
  loaded ??= createRequire(import.meta.url)('@influxdata/influxdb-client') as Library;
  return loaded;
}
