import { describe, expect, it } from 'vitest';
import { eventReader } from '../../../agent/sources/mqtt/events.ts';
import { settings } from '../../../agent/sources/mqtt/settings.ts';
import { needs } from '../../support/debian.ts';
import { startMosquitto } from '../../support/mosquitto.ts';
import { ending, mqttSource, publisher, subscribed } from '../../support/mqtt.ts';
import { pause, testContext, until } from '../../support/source-context.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';

const TOPICS = [{ topic: 'ravi/{station}/result', values: { h: 'h' } }];
const NOW = Date.UTC(2026, 2, 1, 8);

function read(event: Record<string, unknown>, payload: string, topic = 'ravi/k7/tool') {
  const entry = { topic: 'ravi/{station}/tool', kind: 'tool-change', text: 'note', ...event };
  const own = settings.parse({ url: 'mqtt://127.0.0.1', topics: TOPICS, events: [entry] });
  return eventReader(own.events, own.maxBytes).read(topic, Buffer.from(payload), NOW);
}

describe('messages that say what happened', () => {
  it('are read by path and by level of the topic', () => {
    const own = { machine: '{station}', by: 'who', time: { path: 'ts', unit: 'ms' } };
    const message = { note: 'insert\n8', who: 'A. Khan', ts: NOW - 5 };
    expect(read(own, JSON.stringify(message))).toEqual({
      ...{ kind: 'tool-change', severity: 'info', text: 'insert 8', timeMs: NOW - 5 },
      ...{ machine: 'k7', by: 'A. Khan' },
    });
  });

  it('may be plain text, and say at least where they came from', () => {
    expect(read({}, 'insert 9')?.text).toBe('insert 9');
    expect(read({}, '{"other":1}')?.text).toBe('ravi/k7/tool');
    expect(read({}, '')?.text).toBe('ravi/k7/tool');
    expect(read({}, 'x', 'ravi/k7/other')).toBeNull();
  });

  it.skipIf(!needs('mosquitto'))('are acknowledged after their commit, and once', async () => {
    const broker = await startMosquitto();
    const proxy = await startTcpProxy(broker.port);
    const context = testContext(['h']);
    const events = [{ topic: 'ravi/+/tool', kind: 'tool-change', text: 'note' }];
    const url = `mqtt://127.0.0.1:${proxy.port}`;
    const source = mqttSource(url, context, TOPICS, { events });
    source.start();
    await subscribed(source);
    const out = await publisher(broker.url);
    await out.send('ravi/k7/tool', '{"note":"insert 8"}');
    await until(() => context.events.length === 1, 'the event');
    await pause(50);
    const count = (name: string) => source.health().counters[name];
    expect([count('unackedHeld'), count('acksSent')]).toEqual([1, 0]);
    proxy.cut();
    await until(() => count('duplicatesFlagged') === 1, 'the broker sends it again');
    expect(context.events).toHaveLength(1);
    source.committed(1);
    await until(() => count('acksSent') === 1, 'acknowledged');
    await out.send('ravi/k7/tool', '{"note":"insert 8"}');
    await until(() => context.events.length === 2, 'the same text again is another change');
    await out.close();
    await ending(source, context).close();
    await proxy.close();
    await broker.close();
  });

  it.skipIf(!needs('mosquitto'))('come from a broker beside the readings', async () => {
    const broker = await startMosquitto();
    const context = testContext(['h']);
    const events = [{ topic: 'ravi/+/lot', kind: 'lot', text: 'lot' }];
    const source = mqttSource(broker.url, context, TOPICS, { events });
    source.start();
    await subscribed(source);
    const out = await publisher(broker.url);
    await out.send('ravi/k7/lot', '{"lot":"L-8"}');
    await out.send('ravi/k7/lot', '{"lot":');
    await out.send('ravi/k7/result', '{"h":58}');
    await until(() => context.good('h').length === 1, 'the reading');
    expect(context.events).toMatchObject([{ kind: 'lot', text: 'L-8', severity: 'info' }]);
    const { counters } = source.health();
    expect([counters['events'], counters['deadLettered']]).toEqual([1, 1]);
    await out.close();
    await ending(source, context).close();
    await broker.close();
  });
});
