import { registry } from '../../registry.ts';
import type { Channel, ChannelContext } from './channel.ts';
import { mqtt } from './mqtt.ts';
import { webhook } from './webhook.ts';

/** Every way to tell people: one line per kind. */
export const channels = registry<ChannelContext, Channel>({
  mqtt,
  webhook,
});
