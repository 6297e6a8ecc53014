import { connect } from 'mqtt';

/**
 * The process that the whole agent is measured against: MQTT.js, QoS 1, parses the JSON, adds up
 * the values, nothing else. Tells its parent whenever so many readings have come.
 */
const [url, filter] = process.argv.slice(2) as [string, string];
const client = connect(url, { protocolVersion: 5, clientId: `bare-${process.pid}` });
let taken = 0;
let wanted = Number.POSITIVE_INFINITY;
let checksum = 0;

process.once('disconnect', () => process.exit());
client.on('connect', () => {
  client.subscribe(filter, { qos: 1 }, () => process.send?.('connected'));
});
client.on('message', (_topic, bytes) => {
  const parsed = JSON.parse(bytes.toString());
  const items = Array.isArray(parsed) ? parsed : [parsed];
  for (const item of items) checksum += item.v.od;
  taken += items.length;
  if (taken >= wanted) process.send?.({ taken, checksum });
});
process.on('message', (more: number) => {
  wanted = taken + more;
  process.send?.('armed');
});
