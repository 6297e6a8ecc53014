import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { QUALITY } from '../../../agent/model.ts';
import { systemClock } from '../../../agent/runtime/clock.ts';
import { fileShelf } from '../../../agent/runtime/shelf.ts';
import { saidNothing, wentOn } from '../../../agent/sources/sparkplug/absence.ts';
import type { SparkplugSource } from '../../../agent/sources/sparkplug/index.ts';
import type { Node } from '../../../agent/sources/sparkplug/nodes.ts';
import { needs } from '../../support/debian.ts';
import { type Mosquitto, startMosquitto } from '../../support/mosquitto.ts';
import { type Publisher, publisher } from '../../support/mqtt.ts';
import { type TestContext, testContext, until } from '../../support/source-context.ts';
import { type EdgeNode, edgeNode, listening, sparkplugSource } from '../../support/sparkplug.ts';
import { TYPE } from '../../support/sparkplug-bytes.ts';

const FORCE = 'ravi/edge-1/press/force';
const TEMPERATURE = 'ravi/edge-1/temperature';
const OWN = [{ name: 'temperature', alias: 1, datatype: TYPE.Float, float: 20 }];
const PRESS = [
  { name: 'force', alias: 2, datatype: TYPE.Double, double: 12 },
  { name: 'speed', alias: 3, datatype: TYPE.Double, double: 3 },
];
const SWAPPED = [
  { name: 'speed', alias: 2, datatype: TYPE.Double, double: 3 },
  { name: 'force', alias: 3, datatype: TYPE.Double, double: 12 },
];
const PASSIVE = { rebirth: undefined };

describe.skipIf(!needs('mosquitto'))('Sparkplug aliases over a restart of the agent', () => {
  let broker: Mosquitto;
  let out: Publisher;
  let node: EdgeNode;
  let folder: string;
  let context: TestContext;
  let source: SparkplugSource;
  let earlierMs = 0;
  const line: { broken: boolean; socket: Socket | null } = { broken: false, socket: null };
  let commands: { topics: string[]; close(): Promise<void> };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'meyar-births-'));
    broker = await startMosquitto({ persistence: true });
    out = await publisher(broker.url);
    commands = await listen(broker.url);
    node = edgeNode(out, 'ravi', 'edge-1', 0);
    // The birth is an hour old: a node of that pace does not run past 255 while we are away.
    earlierMs = 3_600_000;
    await begin();
    await node.nbirth(OWN, 7);
    await node.dbirth('press', PRESS);
    await until(() => counter('births') === 2, 'both births');
    earlierMs = 0;
    await node.ddata('press', [{ alias: 2, double: 12.1 }]);
    await until(() => values().length === 1, 'the first value');
  });
  afterEach(async () => {
    await source.stop();
    await commands.close();
    await out.close();
    await broker.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const counter = (name: string) => source.health().counters[name] ?? -1;
  const values = (tag = FORCE) => context.good(tag).map((r) => r.value);
  /** values that are kept and charted, and marked as uncertain by their alias */
  const marked = (tag = FORCE) =>
    context
      .of(tag)
      .filter((r) => r.quality === QUALITY.UNCERTAIN_ALIAS)
      .map((r) => r.value);
  /** The line breaks, and stays so for a while; `forget`: the broker then knows no session of ours. */
  const away = async (forget: boolean, meanwhile: () => Promise<void>) => {
    const reconnects = counter('reconnects');
    line.broken = true;
    line.socket?.destroy();
    await until(() => counter('subscribed') === 0, 'the lost connection');
    if (forget) await takeSession(broker.url);
    await meanwhile();
    await out.send('aside', 'x');
    line.broken = false;
    await until(() => counter('reconnects') > reconnects, 'the next connection');
    await listening(source);
  };
  const dial = (url: string) => {
    const { hostname, port } = new URL(url);
    line.socket = connectTcp(Number(port), hostname);
    if (line.broken) line.socket.destroy();
    return line.socket;
  };
  const begin = async (over: Record<string, unknown> = {}) => {
    const clock = { ...systemClock, now: () => systemClock.now() - earlierMs };
    context = testContext([FORCE, TEMPERATURE], { shelf: fileShelf(folder), clock, dial });
    source = sparkplugSource(broker.url, context, { rebirth: { every: '1h' }, ...over });
    source.start();
    await listening(source);
  };
  const told = (text: string) => context.events.some((event) => event.text.includes(text));
  const restart = async (
    meanwhile: () => Promise<void> = async () => {},
    over: Record<string, unknown> = {},
  ) => {
    await source.stop();
    await meanwhile();
    // Answered by the broker behind all that came before it.
    await out.send('aside', 'x');
    await begin(over);
  };
  /** a value by alias is not taken, and the node is asked for a birth */
  const waitsForBirth = async () => {
    await until(() => counter('withoutBirth') + counter('untrustedAliases') > 0, 'a refusal');
    await until(() => commands.topics.length > 0, 'the request for a birth');
    expect(context.readings).toEqual([]);
  };

  it('reads on by alias, marks what it reads, and asks for the birth it may have missed', async () => {
    await restart();
    await node.ddata('press', [{ alias: 2, double: 12.2 }]);
    await node.ndata([{ alias: 1, float: 21.5 }]);
    await until(() => context.readings.length === 2, 'both values');
    expect([marked(), marked(TEMPERATURE)]).toEqual([[12.2], [21.5]]);
    expect([counter('births'), counter('birthsKept')]).toEqual([0, 1]);
    expect(told('goes on with the aliases of its birth')).toBe(true);
    await until(() => commands.topics.length > 0, 'the request for a birth');
    await node.nbirth(OWN, 7);
    await node.dbirth('press', PRESS);
    await node.ddata('press', [{ alias: 2, double: 12.3 }]);
    await until(() => values().length === 1, 'a value that is sure');
    expect(values()).toEqual([12.3]);
    expect(told('other meanings')).toBe(false);
    expect(commands.topics).toEqual(['spBv1.0/ravi/NCMD/edge-1']);
  });

  it('asks nobody when it may not, and marks by alias until the next birth', async () => {
    await restart(async () => {}, PASSIVE);
    await node.ddata('press', [{ alias: 2, double: 12.2 }]);
    await node.ddata('press', [{ name: 'force', datatype: TYPE.Double, double: 12.3 }]);
    await until(() => context.readings.length === 2, 'both values');
    // What is sent by name needs no birth.
    expect([marked(), values()]).toEqual([[12.2], [12.3]]);
    expect(source.health()).toMatchObject({ state: 'up' });
    expect(source.health().parts[0]?.detail).toContain('uncertain until its next one');
    await node.nbirth(OWN, 7);
    await node.dbirth('press', PRESS);
    await node.ddata('press', [{ alias: 2, double: 12.4 }]);
    await until(() => values().length === 2, 'a value that is sure');
    expect(source.health().parts[0]?.detail).toBe('');
    expect(commands.topics).toEqual([]);
  });

  it('marks nothing when the node cannot have given a birth meanwhile', async () => {
    for (let i = 0; i < 20; i += 1) await node.ddata('press', [{ alias: 2, double: 12 }]);
    await until(() => values().length === 21, 'twenty more');
    await restart(async () => {}, PASSIVE);
    await node.ddata('press', [{ alias: 2, double: 12.2 }]);
    await until(() => values().length === 1, 'the value');
    expect(told('uncertain')).toBe(false);
  });

  it('a birth without a death, and a counter that fits: marked, asked for, and told', async () => {
    await restart(async () => {
      // Another host asked for it; the aliases changed places.
      await node.nbirth(OWN, 7);
      await node.dbirth('press', SWAPPED);
      await node.ddata('press', [{ alias: 2, double: 3 }]);
    });
    await node.ddata('press', [{ alias: 2, double: 3.1 }]);
    await until(() => context.readings.length === 1, 'the value under a wrong name');
    expect(marked()).toEqual([3.1]);
    await until(() => commands.topics.length > 0, 'the request for a birth');
    await node.nbirth(OWN, 7);
    await node.dbirth('press', SWAPPED);
    await node.ddata('press', [{ alias: 3, double: 12.4 }]);
    await until(() => values().length === 1, 'a value that is sure');
    expect(values()).toEqual([12.4]);
    expect(told("device 'press', gave its aliases other meanings while we were away")).toBe(true);
    expect(told('some of the 1 values')).toBe(true);
  });

  it('the same after a connection that broke, with the session or without it', async () => {
    for (let i = 0; i < 9; i += 1) await node.ddata('press', [{ alias: 2, double: 12 }]);
    await until(() => values().length === 10, 'nine more');
    await away(false, async () => {
      await node.nbirth(OWN, 7);
      await node.dbirth('press', SWAPPED);
      for (let i = 0; i < 20; i += 1) await node.ddata('press', [{ alias: 2, double: 3 }]);
    });
    await node.ddata('press', [{ alias: 2, double: 3.1 }]);
    await until(() => marked().length === 1, 'a marked value');
    await until(() => commands.topics.length > 0, 'the request for a birth');
    await node.nbirth(OWN, 8);
    await node.dbirth('press', PRESS);
    await node.ddata('press', [{ alias: 2, double: 12.4 }]);
    await until(() => values().length === 11, 'a value that is sure');
    await away(true, async () => {
      await node.ndeath(8);
      await node.nbirth(OWN, 9);
      await node.dbirth('press', SWAPPED);
      await node.ddata('press', [{ alias: 2, double: 3 }]);
    });
    // The counter stands exactly where it was expected: without the death nothing shows it.
    await node.ddata('press', [{ alias: 2, double: 3.2 }]);
    await until(() => counter('untrustedAliases') === 1, 'a refusal');
    expect(source.health().detail).toContain('the broker forgot our session');
    expect(context.readings.map((r) => r.value)).not.toContain(3.2);
  });

  it('reads on although messages were sent meanwhile, and says how many got lost', async () => {
    await restart(async () => {
      for (let i = 0; i < 5; i += 1) await node.ddata('press', [{ alias: 2, double: i }]);
    });
    await node.ddata('press', [{ alias: 2, double: 12.3 }]);
    await until(() => marked().length === 1, 'the value');
    expect(counter('missedMessages')).toBe(5);
    expect(told('5 messages of it got lost while we were away')).toBe(true);
  });

  it('never uses a table of before a death that came meanwhile', async () => {
    await restart(async () => {
      await node.ndeath(7);
      await node.nbirth(OWN, 8);
      // The aliases changed places.
      await node.dbirth('press', SWAPPED);
      for (let i = 0; i < 9; i += 1) await node.ddata('press', [{ alias: 2, double: 3 }]);
    });
    await node.ddata('press', [{ alias: 2, double: 3.1 }]);
    await waitsForBirth();
    await node.nbirth(OWN, 9);
    await node.dbirth('press', PRESS);
    await node.ddata('press', [{ alias: 2, double: 12.4 }]);
    await until(() => values().length === 1, 'the value after the birth');
    expect(values()).toEqual([12.4]);
  });

  it('nor of before a death whose number is of a birth it has not heard', async () => {
    await restart(() => node.ndeath(8));
    await node.ddata('press', [{ alias: 2, double: 1 }]);
    await waitsForBirth();
  });

  it('nor when the counter of the node began anew: that is a second birth', async () => {
    for (let i = 0; i < 40; i += 1) await node.ddata('press', [{ alias: 2, double: 12 }]);
    await until(() => values().length === 41, 'forty more');
    await restart(async () => {
      await node.nbirth(OWN, 7);
      await node.dbirth('press', [...PRESS].reverse());
    });
    await node.ddata('press', [{ alias: 2, double: 1 }]);
    await waitsForBirth();
    expect(source.health().detail).toContain('began anew while we were away');
  });

  it('nor when the broker forgot our session, and with it a death', async () => {
    await restart(async () => {
      await takeSession(broker.url);
    });
    await node.ddata('press', [{ alias: 2, double: 1 }]);
    await waitsForBirth();
  });

  it('nor when an alias has a value of another type than its birth said', async () => {
    await restart();
    await node.ddata('press', [
      { alias: 2, double: 12 },
      { alias: 3, int: 5 },
    ]);
    await waitsForBirth();
    expect(source.health().detail).toContain('speaks otherwise');
  });

  it('nor a record that was damaged, or is of another broker', async () => {
    await restart(async () => {
      for (const file of readdirSync(folder)) {
        const text = readFileSync(join(folder, file), 'utf8');
        writeFileSync(join(folder, file), text.replace('["force",2,', '["force",3,'));
      }
    });
    await node.ddata('press', [{ alias: 2, double: 1 }]);
    await waitsForBirth();
  });

  it('holds the acknowledgement of a death until the table is gone for good', async () => {
    const order: string[] = [];
    await source.stop();
    const shelf = fileShelf(folder);
    const sent = () => source.health().counters['unackedHeld'] ?? 0;
    context = testContext([FORCE], {
      shelf: {
        load: shelf.load,
        async put(name, text) {
          if (name === 'ravi/edge-1') await until(() => sent() > 0, 'the death waits');
          const done = await shelf.put(name, text);
          order.push(`${name} ${text === null ? 'gone' : 'kept'} ${sent()}`);
          return done;
        },
      },
    });
    source = sparkplugSource(broker.url, context);
    source.start();
    await listening(source);
    await node.ndeath(7);
    await until(() => sent() === 0 && order.length > 0, 'the acknowledgement');
    expect(order.filter((line) => line.startsWith('ravi'))).toEqual(['ravi/edge-1 gone 1']);
  });
});

describe('the counter of a node after an absence', () => {
  const HOUR = 3_600_000;
  /** sixty messages an hour for four hours; the last was number 239 */
  const node = { nextSeq: 240, bornMs: 0, lastMs: 4 * HOUR, messages: 240 } as Node;
  const at = (seq: number, hours: number) => wentOn(node, seq, (4 + hours) * HOUR);

  it('went on when it stands where it was or further on', () => {
    expect([at(240, 1), at(250, 1), at(255, 0)]).toEqual([true, true, true]);
  });

  it('began anew when it stands before that, unless it had the time to run past 255', () => {
    expect([at(2, 0), at(2, 0.1), at(2, 0.5)]).toEqual([false, false, true]);
    expect(at(239, 1)).toBe(false);
  });

  it('proves that no birth came when the node cannot have sent as many messages meanwhile', () => {
    const devices = new Map([['press', {}]]);
    const proven = (seq: number, hours: number, over = {}) =>
      saidNothing({ ...node, devices, ...over } as Node, seq, (4 + hours) * HOUR);
    // Sixty an hour, four times that for safety, and two births twice: 239 needs almost an hour.
    expect([proven(240, 0.9), proven(240, 1)]).toEqual([true, false]);
    expect([proven(241, 0), proven(239, 0)]).toEqual([false, false]);
    // Soon after a birth the births alone may have brought it there.
    expect([proven(4, 0, { nextSeq: 4 }), proven(5, 0, { nextSeq: 5 })]).toEqual([false, true]);
    expect(proven(240, 0, { messages: 1 })).toBe(false);
  });

  it('says nothing when the node does not count, or nothing is known of it', () => {
    expect(wentOn(node, null, HOUR)).toBe(false);
    expect(wentOn({ ...node, nextSeq: null }, 3, HOUR)).toBe(false);
  });
});

/** Another client of our name that wants a new session: the broker forgets ours. */
async function takeSession(url: string): Promise<void> {
  const taker = connect(url, { clientId: 'meyar-under-test', clean: true });
  await new Promise((resolve) => taker.once('connect', resolve));
  await taker.endAsync();
}

/** Everything that is sent to the nodes as a command. */
async function listen(url: string) {
  const topics: string[] = [];
  const client = connect(url);
  client.on('message', (topic) => void topics.push(topic));
  await client.subscribeAsync('spBv1.0/+/NCMD/#');
  return { topics, close: () => client.endAsync(true) };
}
