import { isDeepStrictEqual } from 'node:util';
import { policyOf } from '../alerts/policy.ts';
import type { Settings } from './schema.ts';

/** What differs between two checked settings, by what has to begin anew for it. */
export interface Changes {
  /** names of sources and sinks that were added, removed or changed */
  sources: string[];
  sinks: string[];
  /** channels, routes or how people are told */
  alerts: boolean;
  /** parts that reach the core, the store or the console: the whole agent begins anew */
  rest: string[];
}

export function changesBetween(now: Settings, next: Settings): Changes {
  const rest: string[] = [];
  const parts = ['plant', 'console', 'store', 'characteristics', 'cycles', 'groups'] as const;
  for (const part of parts) {
    if (!isDeepStrictEqual(now[part], next[part])) rest.push(part);
  }
  if (!isDeepStrictEqual(policyOf(now.alerts), policyOf(next.alerts))) rest.push('alerts');
  return {
    sources: differing(now.sources, next.sources),
    sinks: differing(now.sinks, next.sinks),
    alerts: !isDeepStrictEqual(now.alerts, next.alerts),
    rest,
  };
}

/** 'sources cells, cnc-1; channels', or '' when nothing changed. */
export function sayChanges({ sources, sinks, alerts, rest }: Changes): string {
  const said = rest.length > 0 ? [`${rest.join(', ')} (the whole agent)`] : [];
  if (sources.length > 0) said.push(`sources ${sources.join(', ')}`);
  if (sinks.length > 0) said.push(`sinks ${sinks.join(', ')}`);
  if (alerts && !rest.includes('alerts')) said.push('alert channels and routes');
  return said.join('; ');
}

function differing(now: Record<string, unknown>, next: Record<string, unknown>): string[] {
  const names = new Set([...Object.keys(now), ...Object.keys(next)]);
  return [...names].filter((name) => !isDeepStrictEqual(now[name], next[name]));
}
