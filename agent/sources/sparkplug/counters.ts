/** What a Sparkplug source counts, by the names that health shows. */
export interface SparkplugCounters {
  received: number;
  readings: number;
  births: number;
  deaths: number;
  oldDeaths: number;
  missedMessages: number;
  birthsKept: number;
  withoutBirth: number;
  untrustedAliases: number;
  unsureAliases: number;
  historical: number;
  notNumeric: number;
  badValues: number;
  clockCorrected: number;
  retainedIgnored: number;
  deadLettered: number;
  noRoom: number;
  floodMessages: number;
  floodBytes: number;
  rebirthsAsked: number;
  reconnects: number;
  sessionsLost: number;
  acksDropped: number;
}

export function startCounters(): SparkplugCounters {
  return {
    received: 0,
    readings: 0,
    births: 0,
    deaths: 0,
    oldDeaths: 0,
    missedMessages: 0,
    birthsKept: 0,
    withoutBirth: 0,
    untrustedAliases: 0,
    unsureAliases: 0,
    historical: 0,
    notNumeric: 0,
    badValues: 0,
    clockCorrected: 0,
    retainedIgnored: 0,
    deadLettered: 0,
    noRoom: 0,
    floodMessages: 0,
    floodBytes: 0,
    rebirthsAsked: 0,
    reconnects: 0,
    sessionsLost: 0,
    acksDropped: 0,
  };
}
