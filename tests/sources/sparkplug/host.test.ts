import { connect } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { QUALITY } from '../../../agent/model.ts';
import type { SparkplugSource } from '../../../agent/sources/sparkplug/index.ts';
import { needs } from '../../support/debian.ts';
import { type Mosquitto, startMosquitto } from '../../support/mosquitto.ts';
import { type Publisher, publisher } from '../../support/mqtt.ts';
import { pause, type TestContext, testContext, until } from '../../support/source-context.ts';
import { type EdgeNode, edgeNode, listening, sparkplugSource } from '../../support/sparkplug.ts';
import { TYPE } from '../../support/sparkplug-bytes.ts';

const FORCE = 'ravi/edge-1/press/force';
const DEPTH = 'ravi/edge-1/press/depth';
const BIRTH = [
  { name: 'force', alias: 2, datatype: TYPE.Double, double: 12 },
  { name: 'depth', alias: 3, datatype: TYPE.Int32, int: 7 },
  { name: 'lot', alias: 4, datatype: TYPE.String, string: 'L-1' },
  { name: 'count', alias: 5, datatype: TYPE.UInt32, int: 0 },
];

describe.skipIf(!needs('mosquitto'))('a Sparkplug host', () => {
  let broker: Mosquitto;
  let out: Publisher;
  let node: EdgeNode;
  let context: TestContext;
  let source: SparkplugSource;

  beforeEach(async () => {
    broker = await startMosquitto();
    out = await publisher(broker.url);
    node = edgeNode(out, 'ravi', 'edge-1');
    context = testContext([FORCE, DEPTH]);
  });
  afterEach(async () => {
    await source.stop();
    await out.close();
    await broker.close();
  });

  const counter = (name: string) => source.health().counters[name] ?? -1;
  const begin = async (over: Record<string, unknown> = {}) => {
    source = sparkplugSource(broker.url, context, over);
    source.start();
    await listening(source);
  };
  const born = async () => {
    await node.nbirth();
    await node.dbirth('press', BIRTH);
    await until(() => counter('births') === 2, 'both births');
  };
  const told = (text: string) => context.events.some((event) => event.text.includes(text));
  const values = (tag: string) => context.good(tag).map((r) => r.value);

  it('reads values by alias with their own time, counter and last known lot', async () => {
    await begin({ sequence: 'count', context: { lot: 'lot' } });
    await born();
    expect(context.readings).toEqual([]);
    const timestamp = Date.now() - 5000;
    await node.ddata('press', [
      { alias: 5, int: 41, timestamp },
      { alias: 2, double: 12.5, timestamp },
      { alias: 3, int: 0xffff_fffe, timestamp },
    ]);
    await until(() => context.readings.length === 2, 'two readings');
    const where = { stream: 'ravi/edge-1/press', context: { lot: 'L-1' }, sequence: 41 };
    expect(context.readings[0]).toMatchObject({ tag: FORCE, value: 12.5, sourceMs: timestamp });
    expect(context.readings[0]).toMatchObject(where);
    expect(context.readings[1]).toMatchObject({ tag: DEPTH, value: -2, ...where });
  });

  it('sends what the node stored while it was away by the late path', async () => {
    await begin();
    await born();
    const metric = { alias: 2, double: 11, timestamp: Date.now() - 60_000, historical: true };
    await node.ddata('press', [metric, { alias: 2, double: 12 }]);
    await until(() => context.readings.length === 2, 'two readings');
    expect(context.readings.map((r) => r.quality)).toEqual([QUALITY.UNCERTAIN_LATE, 0]);
  });

  it('says null and booleans are bad, and leaves strings out', async () => {
    await begin();
    await born();
    await node.ddata('press', [
      { alias: 2, isNull: true },
      { alias: 3, datatype: TYPE.Boolean, boolean: true },
    ]);
    await node.ddata('press', [{ alias: 2, datatype: TYPE.String, string: '12' }]);
    await until(() => counter('notNumeric') === 1, 'the string was seen');
    expect(context.readings.map((r) => r.quality)).toEqual([24, 24]);
  });

  it('believes no alias after a lost message until the next birth', async () => {
    await begin();
    await born();
    node.lose();
    await node.ddata('press', [{ alias: 2, double: 99 }]);
    await node.ddata('press', [{ name: 'force', datatype: TYPE.Double, double: 12.1 }]);
    await until(() => values(FORCE).length === 1, 'the named value');
    expect(values(FORCE)).toEqual([12.1]);
    expect(counter('missedMessages')).toBe(1);
    expect(source.health()).toMatchObject({ state: 'degraded' });
    expect(told('got lost')).toBe(true);
    // The aliases change places, as they may at a birth.
    await node.nbirth();
    await node.dbirth('press', [
      { name: 'depth', alias: 2, datatype: TYPE.Int32, int: 7 },
      { name: 'force', alias: 3, datatype: TYPE.Double, double: 12 },
    ]);
    await node.ddata('press', [{ alias: 3, double: 12.2 }]);
    await until(() => values(FORCE).length === 2, 'the value by its new alias');
    expect(values(FORCE)).toEqual([12.1, 12.2]);
    expect(source.health().state).toBe('up');
  });

  it('may be told to trust aliases', async () => {
    await begin({ trustAliases: true });
    await born();
    node.lose();
    await node.ddata('press', [{ alias: 2, double: 12.3 }]);
    await until(() => values(FORCE).length === 1, 'the value');
    expect(source.health().state).toBe('degraded');
  });

  it('counts to 255 and begins again without a gap', async () => {
    await begin();
    await born();
    for (let i = 0; i < 300; i += 1) await node.ddata('press', [{ alias: 3, int: i }]);
    await until(() => values(DEPTH).length === 300, 'all values');
    expect(counter('missedMessages')).toBe(0);
  });

  it('asks nobody for a birth unless it may, and says what that means', async () => {
    const asked = await commands(broker.url);
    await begin();
    await node.ddata('press', [{ alias: 2, double: 1 }]);
    await until(() => told('before a birth'), 'the event');
    await pause(600);
    expect(asked.topics).toEqual([]);
    expect(source.health().detail).toContain('rebirth: {}');
    await asked.close();
  });

  it('asks once for a birth when it may, and not again before the time is up', async () => {
    const asked = await commands(broker.url);
    await begin({ rebirth: { every: '1h' } });
    for (let i = 0; i < 5; i += 1) await node.ddata('press', [{ alias: 2, double: 1 }]);
    await until(() => asked.topics.length > 0, 'the request');
    await node.ddata('press', [{ alias: 2, double: 1 }]);
    await pause(600);
    expect(asked.topics).toEqual(['spBv1.0/ravi/NCMD/edge-1']);
    await asked.close();
  });

  it('tells of a death, but not of one that belongs to an older birth', async () => {
    await begin();
    await node.nbirth([], 8);
    await node.ndeath(7);
    await until(() => counter('oldDeaths') === 1, 'the old death');
    expect(source.health().state).toBe('up');
    await node.ndeath(8);
    await until(() => told('NDEATH'), 'the event');
    expect(source.health().parts[0]).toMatchObject({ name: 'ravi/edge-1', state: 'down' });
    await node.nbirth([], 9);
    await until(() => source.health().state === 'up', 'the node is back');
  });

  it('tells of a device that died and came back', async () => {
    await begin();
    await born();
    await node.ddeath('press');
    await until(() => told('DDEATH'), 'the event');
    expect(source.health().state).toBe('degraded');
    await node.dbirth('press', BIRTH);
    await until(() => told('online again'), 'the device is back');
    expect(source.health().state).toBe('up');
  });

  it('keeps what it cannot read as a dead letter', async () => {
    await begin();
    await out.send('spBv1.0/ravi/DDATA/edge-1/press', 'this is no protobuf');
    await until(() => counter('deadLettered') === 1, 'the dead letter');
    expect(source.deadLetters()[0]?.reason).not.toBe('');
  });
});

/** Everything that is sent to the nodes as a command. */
async function commands(url: string) {
  const topics: string[] = [];
  const client = connect(url);
  client.on('message', (topic) => void topics.push(topic));
  await client.subscribeAsync('spBv1.0/+/NCMD/#');
  return { topics, close: () => client.endAsync(true) };
}
