import { registry } from '../../registry.ts';
import type { Channel, ChannelContext } from './channel.ts';
import { email } from './email.ts';
import { mqtt } from './mqtt.ts';
import { webhook } from './webhook.ts';

/** Every way to tell people: one line per kind. */
export const channels = registry<ChannelContext, Channel>({
  email,
  mqtt,
  webhook,
});

/** A channel with the name and kind that people and health pages know it by. */
export interface NamedChannel {
  name: string;
  kind: string;
  channel: Channel;
  /** a notice that waited longer is not sent; left out: all are */
  expireAfterMs?: number;
}

/** Makes the channels of the settings; they begin to connect. */
export function createChannels(
  settings: Readonly<Record<string, { kind: string } & Record<string, unknown>>>,
  context: Omit<ChannelContext, 'name'>,
): NamedChannel[] {
  return Object.entries(settings).map(([name, own]) => ({
    name,
    kind: own.kind,
    channel: channels.create(own, { ...context, name }),
    ...(typeof own['expireAfter'] === 'number' ? { expireAfterMs: own['expireAfter'] } : {}),
  }));
}
