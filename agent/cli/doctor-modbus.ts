import { sayDuration } from '../runtime/duration.ts';
import { allowedWrites } from '../sources/modbus/fence.ts';
import { wantedOf } from '../sources/modbus/planned.ts';
import type { settings as modbusSettings } from '../sources/modbus/settings.ts';
import { isAnonymous, targetOf } from '../sources/modbus/transport/target.ts';
import { type Check, check } from './doctor-checks.ts';

type ModbusSettings = ReturnType<typeof modbusSettings.parse>;

/** A silent unit that is waited for longer than this holds up the others of a serial line too long. */
const LONG_WAIT_MS = 500;
/** More requests under way at once than most devices take. */
const DEEP = 4;

/** What the settings of a Modbus source risk, in words; the device itself is not asked. */
export function modbusAdvice(name: string, own: ModbusSettings): Check[] {
  const at = `settings of '${name}'`;
  const found = [
    ...lineAdvice(at, own),
    ...recordAdvice(at, own),
    ...limitAdvice(at, own),
    writesOf(at, own),
  ];
  return found;
}

function lineAdvice(at: string, own: ModbusSettings): Check[] {
  const serial = isAnonymous(targetOf(own.url));
  const checks: Check[] = [];
  if (serial && own.lengthNonce === 'off') {
    const advice = "a late answer may be taken for the right one: 'lengthNonce: after-timeout'";
    checks.push(check(`${at}: late answers`, 'warn', "'lengthNonce: off'", advice));
  }
  if (serial && own.units.length > 1 && own.timeout > LONG_WAIT_MS) {
    const said = `${own.units.length} units on one serial line, timeout ${sayDuration(own.timeout)}`;
    const advice = "a silent unit holds up the others as long: e.g. 'timeout: 200ms', see probe";
    checks.push(check(`${at}: waiting`, 'warn', said, advice));
  }
  if (!serial && own.depth > DEEP) {
    const advice = 'many devices lose requests then: what is useful says meyar probe';
    checks.push(check(`${at}: depth`, 'warn', `${own.depth} requests at once`, advice));
  }
  return checks;
}

function recordAdvice(at: string, own: ModbusSettings): Check[] {
  return own.units.flatMap((unit) =>
    unit.records.flatMap((record) => {
      const where = `${at}: ${unit.name}.${record.name}`;
      if (record.on !== undefined && record.sequence === undefined) {
        const advice = 'two parts between two looks are one, and nobody knows: add a part counter';
        return [check(where, 'warn', 'no part counter', advice)];
      }
      const { sequence, status, handshake } = record;
      const held = handshake !== undefined || (status?.require.length ?? 0) > 0;
      if (sequence === undefined || sequence.copy !== undefined || held) return [];
      const advice = 'ask for a second counter written last, and name it as sequence.copy';
      return [
        check(where, 'unknown', 'a half-written record is not told from a whole one', advice),
      ];
    }),
  );
}

/** Floats without limits: a changed byte order would be charted. */
function limitAdvice(at: string, own: ModbusSettings): Check[] {
  const bare = own.units.flatMap((unit) => {
    const fields = unit.records.flatMap((r) =>
      Object.entries(r.fields).flatMap(([name, f]) => (f.role === 'value' ? [{ ...f, name }] : [])),
    );
    return [...fields, ...unit.tags].flatMap(({ name, type, min, max }) =>
      type.startsWith('float') && min === undefined && max === undefined ? [name] : [],
    );
  });
  if (bare.length === 0) return [];
  const more = bare.length > 5 ? ` and ${bare.length - 5} more` : '';
  const said = `no min or max: ${bare.slice(0, 5).join(', ')}${more}`;
  const advice = 'with what is physically possible, a changed byte order is an alarm, no point';
  return [check(`${at}: plausible values`, 'unknown', said, advice)];
}

function writesOf(at: string, own: ModbusSettings): Check {
  const places = allowedWrites(wantedOf(own, () => 0)).map(
    ({ unit, code, address }) => `${code === 5 ? 'coil' : 'holding'} ${address} of unit ${unit}`,
  );
  const said = places.length === 0 ? 'none' : `${[...new Set(places)].join(', ')}, and no others`;
  return check(`${at}: writes`, 'ok', said);
}
