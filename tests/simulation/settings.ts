import { readSettings, sayProblems } from '../../agent/settings/load.ts';
import type { Settings } from '../../agent/settings/schema.ts';

const TEXT = `
plant: { name: Simulation (made up), site: sim }
store: { journalKeep: 36500d, historyKeep: 36500d }
sources:
  cells:
    kind: mqtt
    url: mqtt://broker:1883
    clientId: sim
    topics:
      - topic: sim/{station}
        stream: "{station}"
        sequence: seq
        time: { path: ts, unit: ms }
        values: { "{station}.v": v }
        context: { serial: sn }
characteristics:
  a:
    name: Bore A
    unit: mm
    lsl: 9.6
    usl: 10.4
    source: cells
    tag: a.v
    charts: [{ kind: xbar-r }, { kind: ewma }]
    subgroup: { kind: by-count, size: 5 }
    limits: { kind: fixed, center: 10, sigma: 0.1 }
    rules: nelson
    noDataAfter: 20m
  b:
    name: Bore B
    unit: mm
    lsl: 9.5
    usl: 10.5
    source: cells
    tag: b.v
    charts: [{ kind: imr }, { kind: cusum }]
    subgroup: { kind: by-count, size: 1 }
    limits: { kind: baseline, subgroups: 30 }
    rules: western-electric
    noDataAfter: 1h
  c:
    name: Force C
    unit: kN
    usl: 10.35
    source: cells
    tag: c.v
    charts: [{ kind: imr }]
    subgroup: { kind: by-count, size: 1 }
    limits: { kind: fixed, center: 10, sigma: 0.1 }
    rules: aiag
    noDataAfter: 1h
alerts:
  missedQuiet: 10m
  channels:
    program: { kind: webhook, url: "http://people/program", digest: false }
    phone: { kind: webhook, url: "http://people/phone" }
sinks:
  influx: { kind: influxdb, url: "http://influx:8086", database: meyar }
`;

/** Settings of the simulated plant: checked as a file is. */
export function simulatedSettings(): Settings {
  const loaded = readSettings(TEXT, 'simulation.yaml', {});
  if (loaded.settings === null) throw new Error(sayProblems(loaded.problems, 'simulation.yaml'));
  return loaded.settings;
}
