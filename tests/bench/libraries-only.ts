/** What a start is measured against: a process that loads the libraries of the agent and no more. */
await Promise.all([
  import('@fastify/static'),
  import('@influxdata/influxdb-client'),
  import('fastify'),
  import('modbus-serial'),
  import('mqtt'),
  import('pino'),
  import('yaml'),
  import('zod'),
  import('node:sqlite'),
]);
console.log('loaded (done)');
setInterval(() => {}, 1000);
