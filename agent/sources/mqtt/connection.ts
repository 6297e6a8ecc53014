import { z } from 'zod';
import { duration } from '../../runtime/duration.ts';
import { tlsSettings } from '../../runtime/tls.ts';

const flood = z
  .strictObject({
    messages: z.int().min(1).default(1000).describe('messages a second of one topic, for long'),
    bytes: z.int().min(64).default(4_194_304).describe('bytes a second of one topic, for long'),
    burst: duration('60s').describe('so long a stretch of that rate may come at once'),
    perPublisher: z
      .number()
      .min(1)
      .default(20)
      .describe('a publisher that the broker names may send so many times the rate of one topic'),
  })
  .describe('what is beyond is left out, counted and told, so that one sender does not stop all');

/** Settings of the connection to a broker, the same for every source that reads from one. */
export const connectionSettings = z.object({
  url: z
    .string()
    .regex(/^(mqtts?|wss?|tcp|tls|ssl):\/\/[^/@]+(\/.*)?$/, {
      message: 'an address such as mqtt://10.0.0.5:1883; user and password are keys of their own',
    })
    .describe('address of the broker: mqtt://, mqtts:// (TLS), ws:// or wss://, host and port'),
  version: z
    .union([z.literal(5), z.literal('3.1.1')])
    .default(5)
    .describe('MQTT version the broker speaks'),
  clientId: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe('fixed name of our session at the broker; made of site and source by default'),
  username: z.string().optional().describe('user name for the broker'),
  password: z.string().optional().describe('password; write ${NAME} to read it from outside'),
  tls: tlsSettings.optional().describe('certificates for mqtts:// and wss://'),
  keepAlive: duration('30s').describe('a broker that is silent this long ×1.5 counts as gone'),
  connectTimeout: duration('10s').describe('longest wait for the broker to answer a connect'),
  sessionExpiry: duration('7d').describe(
    'how long the broker keeps messages for us while we are away (MQTT 5; 3.1.1: its own rule)',
  ),
  receiveMaximum: z
    .int()
    .min(1)
    .max(65_535)
    .default(1000)
    .describe('messages the broker may send before the first is acknowledged (MQTT 5)'),
  maxBytes: z
    .int()
    .min(64)
    .max(8_388_608)
    .default(65_536)
    .describe('largest payload in bytes; a larger one is counted and set aside'),
  flood: flood.prefault({}),
  publisherProperty: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe(
      'MQTT 5: user property in which the broker names who published a message; kept with readings ' +
        'as publisher. Only as true as the broker makes it: it must write over what senders put there',
    ),
});

export type ConnectionSettings = z.output<typeof connectionSettings>;
