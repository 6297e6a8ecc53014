/** What a source counts, by the names that health shows. */
export interface Counters {
  received: number;
  readings: number;
  events: number;
  duplicatesFlagged: number;
  deadLettered: number;
  retainedIgnored: number;
  unmatchedTopic: number;
  unusedMessages: number;
  floodMessages: number;
  floodBytes: number;
  badValues: number;
  valuesAbsent: number;
  badSequence: number;
  clockCorrected: number;
  reconnects: number;
  sessionsLost: number;
  acksDropped: number;
}

export function startCounters(): Counters {
  return {
    received: 0,
    readings: 0,
    events: 0,
    duplicatesFlagged: 0,
    deadLettered: 0,
    retainedIgnored: 0,
    unmatchedTopic: 0,
    unusedMessages: 0,
    floodMessages: 0,
    floodBytes: 0,
    badValues: 0,
    valuesAbsent: 0,
    badSequence: 0,
    clockCorrected: 0,
    reconnects: 0,
    sessionsLost: 0,
    acksDropped: 0,
  };
}
