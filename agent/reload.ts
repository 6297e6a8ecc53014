import { settingsHash, tell } from './accounts.ts';
import { createHeartbeat } from './alerts/heartbeat.ts';
import type { Parts, PartsOptions } from './parts.ts';
import { within } from './runtime/retry.ts';
import { type Changes, changesBetween, sayChanges } from './settings/changes.ts';
import type { Settings } from './settings/schema.ts';
import { createDispatcher, createShippers, createSource } from './wiring.ts';
import { wireReactions } from './wiring-reactions.ts';

const STOP_WITHIN_MS = 3000;

/**
 * Replaces what changed, one part after another: the old one has stopped before the new one starts,
 * so that two never use one session, cursor or port. Unacknowledged messages come again, and the
 * core knows them. Does nothing when the change reaches the core (`rest`).
 */
export async function replaceParts(o: PartsOptions, p: Parts, next: Settings): Promise<Changes> {
  const changes = changesBetween(o.settings, next);
  if (changes.rest.length > 0) return changes;
  const [before, after] = [settingsHash(o.settings), settingsHash(next)];
  o.settings = next;
  for (const name of changes.sources) await replaceSource(o, p, name);
  for (const name of changes.sinks) await replaceSink(o, p, name);
  if (changes.alerts) await replaceChannels(o, p);
  await tell(p.core, o.log, 'settings-reload', { object: sayChanges(changes), before, after });
  return changes;
}

async function replaceSource(o: PartsOptions, p: Parts, name: string): Promise<void> {
  const old = p.sources.get(name);
  if (old !== undefined) await within(STOP_WITHIN_MS, old.stop());
  p.sources.delete(name);
  if (o.settings.sources[name] === undefined) return;
  const seen = p.live.summaries().filter((s) => s.lastReadingAt !== null);
  const heard = new Set([...p.core.ready.heard, ...seen.map((s) => s.id)]);
  const source = createSource(o, p.core, p.intake, name, heard);
  p.sources.set(name, source);
  source.start();
}

async function replaceSink(o: PartsOptions, p: Parts, name: string): Promise<void> {
  const [cursors, ahead] = await Promise.all([p.reader.cursors(), p.reader.ahead()]);
  const at = p.shippers.findIndex((s) => s.health().name === name);
  const [old] = at < 0 ? [] : p.shippers.splice(at, 1);
  if (old !== undefined) {
    await within(2 * STOP_WITHIN_MS, old.stop(STOP_WITHIN_MS));
    // The last position may not have reached the store yet.
    const position = old.position();
    cursors[`sink:${name}`] = position.seq;
    ahead[`sink:${name}`] = [...position.ahead];
  }
  for (const made of createShippers(o, p, { cursors, ahead }, [name])) {
    p.shippers.push(made);
    made.wake(p.figures.commits);
  }
}

/** Between the two, alerts only gather in the store: the new dispatcher begins with them. */
async function replaceChannels(o: PartsOptions, p: Parts): Promise<void> {
  const cursors = await p.reader.cursors();
  await within(STOP_WITHIN_MS, p.dispatcher.stop());
  for (const { name, cursor } of p.dispatcher.health()) cursors[`channel:${name}`] = cursor;
  p.dispatcher = createDispatcher(o, p.core, p.reader, cursors, p.figures.commits);
  p.heartbeat.stop();
  p.heartbeat = createHeartbeat(o.settings.alerts.heartbeat, o);
  // An arming was for the settings as they were: it ends here.
  await within(STOP_WITHIN_MS, p.reactions.stop());
  for (const { name, cursor } of p.reactions.health()) cursors[`channel:${name}`] = cursor;
  p.reactions = wireReactions(o, p.core, p.reader, cursors, p.figures.commits);
}
