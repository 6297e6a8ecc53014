import type { SourceHealth } from '../../model.ts';
import { sayAddresses } from './block.ts';
import type { Poller } from './poll.ts';
import { SICK_AFTER, type UnitState } from './units.ts';

/** What the console's source page shows; `sinceMs` is filled in by the caller. */
export function healthOf(
  name: string,
  url: string,
  p: Poller,
  begun: boolean,
): Omit<SourceHealth, 'sinceMs'> {
  const parts = p.units.map((unit) => partOf(p, unit));
  const state = stateOf(p, parts, begun);
  return {
    name,
    kind: 'modbus',
    state,
    detail: detailOf(p, parts, state, url),
    lastDataMs: p.outbox.figures().lastDataMs,
    counters: countersOf(p),
    parts,
  };
}

type Part = SourceHealth['parts'][number];

function stateOf(p: Poller, parts: readonly Part[], begun: boolean): SourceHealth['state'] {
  if (p.stopped || !begun) return 'stopped';
  if (!p.link.isUp()) return p.linkProblem === '' ? 'connecting' : 'down';
  return parts.every((part) => part.state === 'up') ? 'up' : 'degraded';
}

function detailOf(
  p: Poller,
  parts: readonly Part[],
  state: SourceHealth['state'],
  url: string,
): string {
  if (state === 'stopped') return 'not running';
  if (state === 'connecting') return `connecting to ${url}`;
  if (state === 'down')
    return `no connection to ${url}: ${p.linkProblem}${adviceOn(p.linkProblem)}`;
  if (p.blocks.size === 0) return 'connected, but no characteristic reads a tag of this source';
  const sick = parts.filter((part) => part.state !== 'up');
  const pausing = p.paused ? 'paused: too much is waiting to be stored; ' : '';
  if (sick.length === 0) return `${pausing}${p.blocks.size} requests at ${url}`;
  return pausing + sick.map((part) => `${part.name}: ${part.detail}`).join('; ');
}

/** What a person can look at. */
function adviceOn(problem: string): string {
  if (problem.includes('ECONNREFUSED')) {
    return ' — nothing listens there: is the address right, and is Modbus TCP switched on in the PLC?';
  }
  if (/EHOSTUNREACH|ENETUNREACH|ETIMEDOUT/.test(problem)) {
    return ' — is the PLC on, and is this machine in its network?';
  }
  return '';
}

function partOf(p: Poller, unit: UnitState): Part {
  if (!p.link.isUp()) return { name: unit.name, state: 'down', detail: 'no connection' };
  if (unit.demoted) return { name: unit.name, state: 'down', detail: unit.why };
  const problems: string[] = [];
  for (const block of p.blocks) {
    if (block.unit !== unit) continue;
    if (block.quarantine !== null) problems.push(block.quarantine);
    else if (block.failures >= SICK_AFTER) problems.push(`${sayAddresses(block)}: ${block.why}`);
  }
  if (problems.length === 0) return { name: unit.name, state: 'up', detail: `unit ${unit.id}` };
  return { name: unit.name, state: 'degraded', detail: problems.join('; ') };
}

function countersOf(p: Poller): Record<string, number> {
  const { skipped, lateMaxMs } = p.schedule.figures();
  const { readings, records } = p.outbox.figures();
  const counters: Record<string, number> = {
    readings,
    records,
    ...p.link.counters,
    ...p.counters,
    skippedCycles: skipped,
    scheduleLateMaxMs: lateMaxMs,
  };
  for (const [code, count] of p.link.exceptionsByCode) counters[`exception${code}`] = count;
  return counters;
}
