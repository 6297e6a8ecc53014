import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { channels } from '../../../agent/alerts/channels/index.ts';
import { channelContext, channelContract, someNotice } from '../../contracts/channel.ts';
import { needs } from '../../support/debian.ts';
import { until } from '../../support/source-context.ts';
import {
  aedesBroker,
  type Broker,
  listener,
  makeMqtt,
  mosquittoBroker,
  mqttRig,
} from './mqtt-rig.ts';

channelContract('mqtt over aedes', () => mqttRig(aedesBroker));
if (needs('mosquitto')) channelContract('mqtt over mosquitto', () => mqttRig(mosquittoBroker));

describe('mqtt', () => {
  let broker: Broker;
  beforeAll(async () => {
    broker = await aedesBroker();
  });
  afterAll(() => broker.close());
  const never = new AbortController().signal;

  it('keeps the newest alert of each subject retained, until it is closed', async () => {
    const stateTopic = 'ravi/state/{subject}/{kind}';
    const channel = makeMqtt({ url: broker.url, stateTopic }, channelContext);
    const first = someNotice({ subject: 'a/b' });
    const second = someNotice({ subject: 'a/b' });
    const closed = (notice: typeof first) => ({
      ...notice,
      event: { ...notice.event, transition: 'closed' as const },
    });
    await channel.send(first, never);
    await channel.send(second, never);
    // The older alert ends last of all: it must not wipe out the newer one.
    await channel.send(closed(first), never);
    const late = await listener(broker.url);
    await until(() => late.messages.length > 0, 'the retained state');
    expect(late.messages).toHaveLength(1);
    expect(late.messages[0]).toMatchObject({
      topic: 'ravi/state/a_b/out-of-control',
      retain: true,
    });
    expect(JSON.parse(late.messages[0]?.text ?? '')).toEqual(second);
    await channel.send(closed(second), never);
    await until(() => late.messages.some((m) => m.text === ''), 'the empty state');
    await late.close();
    await channel.close();
  });

  it('fills in the topic by subject and severity', async () => {
    const ears = await listener(broker.url);
    const channel = makeMqtt(
      { url: broker.url, topic: 'ravi/{severity}/{subject}' },
      channelContext,
    );
    await channel.send(someNotice({ subject: 'od', severity: 'alarm' }), never);
    await until(() => ears.messages.some((m) => m.topic === 'ravi/alarm/od'), 'the topic');
    await channel.close();
    await ears.close();
  });

  it('refuses settings that cannot work', () => {
    const parse = (more: Record<string, unknown>) =>
      channels.schema.safeParse({ kind: 'mqtt', url: 'mqtt://h', topic: 't', ...more }).success;
    expect(parse({})).toBe(true);
    expect(parse({ topic: 'ravi/#' })).toBe(false);
    expect(parse({ stateTopic: 'ravi/state' })).toBe(false);
    expect(parse({ url: 'http://h' })).toBe(false);
    expect(parse({ tpoic: 'x' })).toBe(false);
  });
});
