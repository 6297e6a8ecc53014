import type { Actor, AuditEntry } from '../model.ts';
import type { Command } from './protocol.ts';
import type { CommandResult } from './reducer.ts';

/** What the audit log says of a command that was taken; null when it was refused. */
export function auditOf(
  command: Command,
  result: CommandResult,
  given: Actor | undefined,
): AuditEntry | null {
  if (result.error !== undefined) return null;
  const actor = given ?? { who: whoOf(command), role: 'none', address: '' };
  if (command.kind === 'acknowledge') {
    const { by, cause, action, comment } = command;
    return {
      actor,
      what: 'alert-acknowledge',
      object: `alert ${command.alert}`,
      // Only these two states can be answered; what is gone already closes with the answer.
      before: result.alert?.state === 'closed' ? 'cleared' : 'open',
      after: JSON.stringify({ state: result.alert?.state, by, cause, action }),
      why: comment,
    };
  }
  if (command.kind === 'approve') {
    return {
      actor,
      what: 'limits-approve',
      object: `${command.characteristic} version ${command.version}`,
      before: 'not approved',
      after: JSON.stringify({ approvedBy: command.by }),
      why: '',
    };
  }
  if (command.kind === 'pool-gauges') {
    return {
      actor,
      what: 'gauges-pool',
      object: command.characteristic,
      before: 'kept apart',
      after: JSON.stringify({ by: command.by }),
      why: command.reason,
    };
  }
  if (command.kind === 'shelve' || command.kind === 'unshelve') {
    const { shelf } = result.alert ?? {};
    const until = new Date(shelf?.untilMs ?? 0).toISOString();
    return {
      actor,
      what: `alert-${command.kind}`,
      object: `alert ${command.alert}`,
      before: command.kind === 'shelve' ? '' : `put aside by ${shelf?.by ?? ''} until ${until}`,
      after: command.kind === 'shelve' ? JSON.stringify({ by: command.by, until }) : '',
      why: command.kind === 'shelve' ? command.reason : '',
    };
  }
  const { kind, text, characteristic, machine } = command.event;
  return {
    actor,
    what: 'event',
    object: characteristic ?? machine ?? '',
    before: '',
    after: JSON.stringify({ kind, text }),
    why: '',
  };
}

const whoOf = (command: Command): string =>
  command.kind === 'event' ? (command.event.by ?? '') : command.by;
