import { channels } from '../../agent/alerts/channels/index.ts';
import { noticeOf } from '../../agent/alerts/notice.ts';
import { systemClock } from '../../agent/runtime/clock.ts';
import { messageOf } from '../../agent/runtime/errors.ts';
import { silentLog } from '../../agent/runtime/log.ts';
import { storedEvent } from '../alerts/support.ts';

/** `node hook-once.ts URL CA`: sends one notice and prints what came of it; run under another clock. */
const [url, ca] = process.argv.slice(2);
const settings = channels.schema.parse({ kind: 'webhook', url, tls: { ca } });
const channel = channels.create(settings, { name: 'hook', clock: systemClock, log: silentLog });
const notice = noticeOf(storedEvent(1, 1), {
  ...{ site: 'Lahore', keyPrefix: '', nowMs: 0, staleAfterMs: 1e12 },
});
try {
  await channel.send(notice, new AbortController().signal);
  console.log('sent');
} catch (error) {
  console.log(messageOf(error));
}
await channel.close();
