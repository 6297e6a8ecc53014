import { describe, expect, it } from 'vitest';
import { compileForm } from '../../../agent/sources/lines/form.ts';
import { settings } from '../../../agent/sources/lines/settings.ts';

function read(form: string, line: string, numbers = ['value']) {
  const compiled = compileForm(form, new Set(numbers));
  if (typeof compiled === 'string') throw new Error(compiled);
  return compiled.read(line);
}

describe('a form', () => {
  // Lines as the manuals of such devices show them.
  it.each([
    ['{value}', '+0012.345', { value: '0012.345' }],
    ['01A{value}', '01A-0000.125', { value: '-0000.125' }],
    ['{value} {unit}', '- 12,5mm', { value: '-12,5', unit: 'mm' }],
    ['S S {value} {unit}', 'S S     100.00 g', { value: '100.00', unit: 'g' }],
    ['{skip};{sn};{value}', '17:03;K-81;.5', { skip: '17:03', sn: 'K-81', value: '.5' }],
    ['{value}{unit}', '21.984', { value: '21.984', unit: '' }],
  ])('%s takes %s apart', (form, line, words) => {
    expect(read(form, line)).toEqual(words);
  });

  it.each([
    ['01A{value}', '911', /'01A' is not where/],
    ['{value}', 'Err 1', /no number/],
    ['{value} mm', '12.5 in', /'mm'/],
    ['{value}', '12.5 mm', /more behind/],
    ['{value}', '1.2.3', /more behind/],
    ['{sn};{value}', '12.5', /nothing ends \{sn\}/],
    ['{value}', '', /no number/],
  ])('%s does not fit %s, and says why', (form, line, why) => {
    expect(read(form, line)).toMatch(why);
  });

  it('takes time that grows with the length of the line only', () => {
    // A backtracking pattern would need longer than the life of the universe for this.
    const form = Array.from({ length: 40 }, (_, i) => `{n${i}};`).join('');
    expect(read(`${form}{value}`, ';'.repeat(100_000))).toMatch(/no number/);
    expect(read('{a} {b} {c} {value}', `${' '.repeat(100_000)}x`)).toMatch(/no number/);
  });

  it('that says nothing of where a word ends is refused with the settings', () => {
    const parse = (line: object) =>
      settings.safeParse({ url: 'tcp://127.0.0.1:4001', line }).error?.issues[0]?.message;
    const values = { od: 'value' };
    expect(parse({ form: '{sn}{value}', values })).toMatch(/where \{sn\} ends/);
    expect(parse({ form: '{value', values })).toMatch(/between \{ and \}/);
    expect(parse({ form: '{od}', values })).toMatch(/no \{value\} in the form/);
    expect(parse({ form: '{value} {value}', values })).toMatch(/twice/);
    expect(parse({ values, units: { mm: 1 } })).toMatch(/no \{unit\}/);
    expect(parse({ values })).toBeUndefined();
  });

  it('comes with an address that is checked', () => {
    const parse = (url: string) =>
      settings.safeParse({ url, line: { values: { od: 'value' } } }).error?.issues[0]?.message;
    expect(parse('serial:///dev/ttyUSB0?baud=4800&bits=7&parity=even&stop=2')).toBeUndefined();
    expect(parse('serial://ttyUSB0')).toMatch(/expected serial:\/\/\//);
    expect(parse('serial:///dev/ttyUSB0?speed=9600')).toMatch(/'speed' is not known/);
    expect(parse('tcp://10.0.0.5')).toMatch(/host:port/);
    expect(parse('rtu:///dev/ttyUSB0')).toMatch(/serial line/);
  });
});
