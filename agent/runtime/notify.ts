/** What the service manager is told. Without one everything here does nothing. */
export interface Notifier {
  ready(status: string): void;
  /** may be called as often as one likes: passed on often enough, and not more */
  alive(): void;
  stopping(): void;
}

export interface NotifierOptions {
  env: Readonly<Record<string, string | undefined>>;
  monotonic(): number;
  /** runs a program and forgets it */
  run(program: string, args: readonly string[]): void;
}

const MICROSECONDS = 1000;

/**
 * systemd's sd_notify. Node.js cannot send datagrams to the Unix socket that systemd listens on, so
 * systemd's own `systemd-notify` does it: a few milliseconds, three times per WatchdogSec. The unit
 * needs `Type=notify` and `NotifyAccess=all`.
 */
export function createNotifier(o: NotifierOptions): Notifier {
  if (!o.env['NOTIFY_SOCKET']) return { ready() {}, alive() {}, stopping() {} };
  const watchdogMs = Number(o.env['WATCHDOG_USEC'] ?? 0) / MICROSECONDS;
  const tell = (...words: string[]) => o.run('systemd-notify', words);
  let fedMs = Number.NEGATIVE_INFINITY;
  return {
    ready: (status) => tell('READY=1', `STATUS=${status}`),
    alive() {
      const now = o.monotonic();
      if (!(watchdogMs > 0) || now - fedMs < watchdogMs / 3) return;
      fedMs = now;
      tell('WATCHDOG=1');
    },
    stopping: () => tell('STOPPING=1'),
  };
}
