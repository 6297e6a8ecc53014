import { describe, expect, it } from 'vitest';
import { modbusAdvice } from '../../agent/cli/doctor-modbus.ts';
import { modbus } from '../../agent/sources/modbus/index.ts';

const SEQUENCE = { address: 0, type: 'uint32', copy: 4 };
const RECORD = { name: 'r', fields: { od: { address: 2, type: 'float32', min: 0, max: 9 } } };
const SAFE = { ...RECORD, sequence: SEQUENCE };

function advice(over: Record<string, unknown>, unit: Record<string, unknown> = {}) {
  const first = { id: 1, name: 'cnc', records: [SAFE], ...unit };
  const settings = modbus.settings.strict().parse({ url: 'tcp://plc', units: [first], ...over });
  return modbusAdvice('line', settings);
}

const states = (checks: ReturnType<typeof advice>) =>
  checks.map((c) => `${c.state} ${c.name.replace("settings of 'line': ", '')}: ${c.found}`);

describe('doctor on the settings of a PLC', () => {
  it('has nothing to say of safe ones', () => {
    expect(states(advice({}))).toEqual(['ok writes: none']);
  });

  it('a serial line: late answers, and a unit that holds up the others', () => {
    const units = [1, 2].map((id) => ({ id, name: `u${id}`, records: [SAFE] }));
    const seen = states(advice({ url: 'rtu+tcp://plc', lengthNonce: 'off', units }));
    expect(seen).toContain("warn late answers: 'lengthNonce: off'");
    expect(seen.join()).toMatch(/warn waiting: 2 units on one serial line, timeout 1/);
    const short = { url: 'rtu+tcp://plc', timeout: '200ms', units };
    expect(states(advice(short))).toEqual(['ok writes: none']);
  });

  it('more requests at once than most devices take', () => {
    expect(states(advice({ depth: 8 }))).toContain('warn depth: 8 requests at once');
  });

  it('an edge without a counter, a counter without its copy, floats without limits', () => {
    const edge = { ...RECORD, on: { table: 'coil', address: 3 } };
    expect(states(advice({}, { records: [edge] }))).toContain('warn cnc.r: no part counter');
    const fields = { od: { address: 2, type: 'float32' } };
    const bare = { name: 'r', sequence: { address: 0 }, fields };
    const seen = states(advice({}, { records: [bare] }));
    expect(seen).toContain('unknown cnc.r: a half-written record is not told from a whole one');
    expect(seen).toContain('unknown plausible values: no min or max: od');
  });

  it('names the places that may be written', () => {
    const ready = { table: 'coil', address: 0 };
    const record = { ...SAFE, handshake: { ready, ack: { table: 'coil', address: 1 } } };
    const seen = states(advice({}, { writes: true, records: [record] }));
    expect(seen).toEqual(['ok writes: coil 1 of unit 1, and no others']);
  });
});
