import { connect } from 'mqtt';

/** What alerts are measured against: MQTT.js alone, parses and answers what is out of tolerance. */
const [url, filter, answerTopic, limit] = process.argv.slice(2) as [string, string, string, string];
const client = connect(url, { protocolVersion: 5 });

process.once('disconnect', () => process.exit());
client.on('connect', () => {
  client.subscribe(filter, { qos: 1 }, () => process.send?.('connected'));
});
client.on('message', (topic, bytes) => {
  const result = JSON.parse(bytes.toString());
  if (result.v.od <= Number(limit)) return;
  const station = Number(/\/s(\d+)\//.exec(topic)?.[1]);
  client.publish(answerTopic, JSON.stringify({ station, serial: result.sn }), { qos: 1 });
});
