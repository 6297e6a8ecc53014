import { connectAsync } from 'mqtt';
import { describe, expect, it } from 'vitest';
import { needs } from '../../support/debian.ts';
import { startMosquitto } from '../../support/mosquitto.ts';
import { testContext, until } from '../../support/source-context.ts';
import { listening, sparkplugSource } from '../../support/sparkplug.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';

describe.skipIf(!needs('mosquitto'))('the state of a Sparkplug host', () => {
  it('is online while it listens, and offline by its will, a stop, or nobody else', async () => {
    const broker = await startMosquitto();
    const proxy = await startTcpProxy(broker.port);
    const ear = await connectAsync(broker.url);
    const heard: { online: boolean; timestamp: number }[] = [];
    const retained: boolean[] = [];
    ear.on('message', (_topic, bytes, packet) => {
      heard.push(JSON.parse(bytes.toString()));
      retained.push(packet.retain);
    });
    await ear.subscribeAsync('spBv1.0/STATE/meyar-test', { qos: 1 });
    const last = () => heard.at(-1)?.online;
    const source = sparkplugSource(`mqtt://127.0.0.1:${proxy.port}`, testContext([]), {
      host: { id: 'meyar-test' },
    });
    source.start();
    try {
      await listening(source);
      await until(() => last() === true, 'online');
      // The connections end without a goodbye: the broker says it for us, with the birth's time.
      const birth = heard.at(-1);
      proxy.cut();
      await until(() => heard.some((h) => !h.online), 'the will');
      expect(heard.find((h) => !h.online)?.timestamp).toBe(birth?.timestamp);
      await until(() => last() === true, 'online again');
      const before = heard.length;
      await ear.publishAsync('spBv1.0/STATE/meyar-test', '{"online":false,"timestamp":1}', {
        qos: 1,
      });
      await until(() => heard.length >= before + 2 && last() === true, 'it speaks up');
      await source.stop();
      await until(() => last() === false, 'offline');
      const late = await connectAsync(broker.url);
      const kept = new Promise<string>((resolve) =>
        late.once('message', (_t, bytes) => resolve(bytes.toString())),
      );
      await late.subscribeAsync('spBv1.0/STATE/meyar-test', { qos: 1 });
      expect(JSON.parse(await kept)).toMatchObject({ online: false });
      await late.endAsync(true);
    } finally {
      await source.stop();
      await ear.endAsync(true);
      await proxy.close();
      await broker.close();
    }
  });

  it('is nothing to speak of when it was not asked for', async () => {
    const broker = await startMosquitto();
    const ear = await connectAsync(broker.url);
    const heard: string[] = [];
    ear.on('message', (topic) => void heard.push(topic));
    await ear.subscribeAsync('#', { qos: 1 });
    const source = sparkplugSource(broker.url, testContext([]));
    source.start();
    await listening(source);
    await source.stop();
    await ear.publishAsync('end', '');
    await until(() => heard.includes('end'), 'the last message');
    expect(heard).toEqual(['end']);
    await ear.endAsync(true);
    await broker.close();
  });
});
