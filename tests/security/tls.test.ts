import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { channels } from '../../agent/alerts/channels/index.ts';
import { messageOf } from '../../agent/runtime/errors.ts';
import { tlsSettings } from '../../agent/runtime/tls.ts';
import { connect } from '../../agent/sinks/influxdb/transport.ts';
import { mqtt } from '../../agent/sources/mqtt/index.ts';
import { hookServer } from '../alerts/channels/hook-server.ts';
import { channelContext, someNotice } from '../contracts/channel.ts';
import { type Authority, type Certificate, makeAuthority } from '../support/certificates.ts';
import { needs } from '../support/debian.ts';
import { freePort } from '../support/free-port.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { testContext, until } from '../support/source-context.ts';

const present = needs('openssl') && needs('mosquitto') && needs('faketime');

/** What each way out says of each server; every one of them must refuse it. */
const WRONG: readonly [string, RegExp][] = [
  ['other-ca', /signed by nobody we trust: name the file/],
  ['expired', /has run out \(the clock of this machine says 20/],
  ['wrong-name', /for another name: .*127\.0\.0\.1/],
  ['future', /not valid yet: the clock of this machine says 20/],
];

describe.skipIf(!present)('connections outwards are checked', () => {
  let own: Authority;
  let other: Authority;
  let client: Certificate;
  const certificates = new Map<string, Certificate>();
  const year = (y: number) => new Date(Date.UTC(y, 0, 1));

  beforeAll(() => {
    own = makeAuthority('Meyar test plant');
    other = makeAuthority('Somebody else');
    const local = ['127.0.0.1', 'localhost'];
    certificates.set('good', own.issue(local));
    certificates.set('other-ca', other.issue(local));
    certificates.set('expired', own.issue(local, { from: year(2019), to: year(2020) }));
    certificates.set('wrong-name', own.issue(['broker.plant.example']));
    certificates.set('future', own.issue(local, { from: year(2090), to: year(2091) }));
    client = own.client('meyar');
    // What somebody may have set on the machine long ago must not open anything.
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  });
  afterAll(() => {
    delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    own?.remove();
    other?.remove();
  });
  const certificate = (name: string) => certificates.get(name) as Certificate;

  /** An https server that counts what came through. */
  async function httpsServer(name: string, wantsClient = false) {
    const { cert, key } = certificate(name);
    const ask = wantsClient ? { requestCert: true, ca: readFileSync(own.ca) } : {};
    let requests = 0;
    const options = { cert: readFileSync(cert), key: readFileSync(key), ...ask };
    const server: Server = createServer(options, (_request, response) => {
      requests += 1;
      response.writeHead(204).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    return {
      url: `https://127.0.0.1:${port}`,
      requests: () => requests,
      close: () => {
        server.closeAllConnections();
        server.close();
      },
    };
  }

  const webhook = async (url: string, tls: object) => {
    const settings = channels.schema.parse({ kind: 'webhook', url, tls });
    const channel = channels.create(settings, channelContext);
    const said = await channel.send(someNotice(), new AbortController().signal).then(
      () => 'sent',
      (thrown: unknown) => messageOf(thrown),
    );
    await channel.close();
    return said;
  };
  const influx = async (url: string, tls: object) => {
    const outward = { url, tls: tlsSettings.parse(tls), allowPrivate: false };
    const connection = connect({
      ...{ outward, url, path: '/write', authorization: null, gzip: false, timeoutMs: 5000 },
      now: () => Date.now(),
    });
    const said = await connection.post('x v=1', new AbortController().signal).then(
      () => 'sent',
      (thrown: unknown) => messageOf(thrown),
    );
    connection.close();
    return said;
  };

  describe.each([
    ['webhook', webhook],
    ['InfluxDB', influx],
  ])('%s', (_name, send) => {
    it('sends to a server whose certificate the named CA signed, and only with that CA', async () => {
      const server = await httpsServer('good');
      expect(await send(server.url, { ca: own.ca })).toBe('sent');
      expect(await send(server.url, {})).toMatch(/signed by nobody we trust/);
      expect(await send(server.url, { ca: other.ca })).toMatch(/signed by nobody we trust/);
      expect(server.requests()).toBe(1);
      server.close();
    });

    it.each(WRONG)('refuses a server that is wrong: %s', async (name, words) => {
      const server = await httpsServer(name);
      expect(await send(server.url, { ca: own.ca })).toMatch(words);
      expect(server.requests()).toBe(0);
      server.close();
    });

    it('shows its own certificate to a server that wants one', async () => {
      const server = await httpsServer('good', true);
      const mutual = { ca: own.ca, cert: client.cert, key: client.key };
      expect(await send(server.url, mutual)).toBe('sent');
      expect(await send(server.url, { ca: own.ca })).toMatch(/wants a certificate it knows/);
      expect(server.requests()).toBe(1);
      server.close();
    });

    it('says that there is no TLS, and that a file is not there', async () => {
      const plain = await hookServer();
      const url = plain.url().replace('http:', 'https:');
      expect(await send(url, { ca: own.ca })).toMatch(/does not speak TLS at this port/);
      expect(await send(url, { ca: '/nowhere/ca.pem' })).toMatch(/nowhere\/ca\.pem cannot be read/);
      await plain.down();
    });
  });

  /** A broker with TLS; what a source says about it. */
  async function broker(name: string, more: string[] = []): Promise<Mosquitto & { tls: string }> {
    const port = await freePort();
    const { cert, key } = certificate(name);
    const listener = [`listener ${port} 127.0.0.1`, `certfile ${cert}`, `keyfile ${key}`];
    const config = [...listener, `cafile ${own.ca}`, ...more];
    const made = await startMosquitto({ config });
    return Object.assign(made, { tls: `mqtts://127.0.0.1:${port}` });
  }

  const source = async (url: string, tls: object) => {
    const topics = [{ topic: 'a', stream: 'a', format: 'number', values: { od: '' } }];
    const settings = mqtt.settings.parse({ url, tls, topics: topics.slice(0, 1) });
    const made = mqtt.create(settings, testContext(['od']));
    made.start();
    await until(() => ['up', 'down'].includes(made.health().state), 'a state');
    const { state, detail } = made.health();
    await made.stop();
    return state === 'up' ? 'sent' : detail;
  };
  const channel = async (url: string, tls: object) => {
    const settings = channels.schema.parse({
      ...{ kind: 'mqtt', url, tls, topic: 'alerts', timeout: '1500ms' },
    });
    const made = channels.create(settings, channelContext);
    const said = await made.send(someNotice(), new AbortController().signal).then(
      () => 'sent',
      (thrown: unknown) => messageOf(thrown),
    );
    await made.close();
    return said;
  };

  describe.each([
    ['MQTT source', source],
    ['MQTT channel', channel],
  ])('%s', (_name, send) => {
    it('takes a good broker, with its own certificate where that is wanted', async () => {
      const good = await broker('good', ['require_certificate true']);
      const mutual = { ca: own.ca, cert: client.cert, key: client.key };
      expect(await send(good.tls, mutual)).toBe('sent');
      expect(await send(good.tls, { ca: own.ca })).not.toBe('sent');
      await good.close();
    });

    it.each(WRONG)('refuses a broker that is wrong: %s', async (name, words) => {
      const wrong = await broker(name);
      expect(await send(wrong.tls, { ca: own.ca })).toMatch(words);
      await wrong.close();
    });
  });

  it('has no setting that turns the check off', () => {
    for (const key of ['insecure', 'rejectUnauthorized', 'verify', 'skipVerify']) {
      expect(tlsSettings.safeParse({ [key]: false }).success).toBe(false);
      expect(tlsSettings.safeParse({ [key]: true }).success).toBe(false);
    }
  });

  it('names the clock when the machine came up in 1970', async () => {
    const server = await httpsServer('good');
    const client = fileURLToPath(new URL('../support/hook-once.ts', import.meta.url));
    const words = ['1970-01-02 00:00:00', process.execPath, client, server.url, own.ca];
    const { stdout } = await promisify(execFile)('faketime', words);
    expect(stdout).toMatch(/not valid yet: the clock of this machine says 1970-01-0/);
    server.close();
  });
});
