import { z } from 'zod';
import { prometheusText } from '../metrics.ts';
import { type Route, reply, route } from '../route.ts';
import type { ConsoleView, Metric } from '../view.ts';

const age = z.number().nullable().describe('ms since the last data; null when there was none yet');
const part = z.object({ name: z.string(), state: z.string(), detail: z.string(), ageMs: age });

/** What service managers and monitors ask. */
export function healthRoutes(view: ConsoleView, ownMetrics: () => Metric[]): Route[] {
  return [
    route(
      {
        method: 'GET',
        url: '/livez',
        tag: 'health',
        summary: 'The process answers.',
        response: z.object({ alive: z.literal(true) }),
      },
      () => ({ alive: true as const }),
    ),
    route(
      {
        method: 'GET',
        url: '/readyz',
        tag: 'health',
        summary: 'Ready to take and judge readings; 503 until then.',
        response: z.object({
          ready: z.boolean(),
          checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
        }),
      },
      () => {
        const readiness = view.readiness();
        return reply(readiness.ready ? 200 : 503, readiness);
      },
    ),
    route(
      {
        method: 'GET',
        url: '/healthz',
        tag: 'health',
        summary: 'State and data age of every source and sink.',
        response: z.object({
          status: z.enum(['ok', 'degraded']),
          sources: z.array(part),
          sinks: z.array(part),
        }),
      },
      () => health(view),
    ),
    route(
      {
        method: 'GET',
        url: '/metrics',
        tag: 'health',
        summary: 'Counters and gauges as Prometheus text.',
        response: z.string(),
        contentType: 'text/plain; version=0.0.4; charset=utf-8',
      },
      () => prometheusText([...view.metrics(), ...ownMetrics()]),
    ),
  ];
}

function health(view: ConsoleView) {
  const { nowMs } = view.plant();
  const since = (ms: number | null) => (ms === null ? null : Math.max(0, nowMs - ms));
  const sources = view.sources().map((source) => ({
    name: source.name,
    state: source.state,
    detail: source.detail,
    ageMs: since(source.lastDataMs),
  }));
  const sinks = view.sinks().map((sink) => ({
    name: sink.name,
    state: sink.state,
    detail: sink.detail,
    ageMs: since(sink.oldestUnsentMs),
  }));
  const up = [...sources, ...sinks].every((one) => one.state === 'up');
  return { status: up ? ('ok' as const) : ('degraded' as const), sources, sinks };
}
