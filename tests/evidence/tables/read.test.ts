import { afterAll, describe, expect, it } from 'vitest';
import { readTable } from '../../../agent/evidence/tables/read.ts';
import { desk } from '../../support/command.ts';
import { workbook } from '../../support/workbook.ts';

const at = desk();
afterAll(at.clear);

const column = async (name: string, content: string | Uint8Array, wish = {}) => {
  const table = await readTable(at.file(name, content), wish);
  return { table, first: Array.from(table.columns[0]?.numbers ?? []) };
};

describe('text tables', () => {
  it.each([
    ['comma, point', 'x,y\n1.5,2\n1.25,3\n'],
    ['semicolon, decimal comma', 'x;y\n1,5;2\n1,25;3\n'],
    ['tab, decimal comma', 'x\ty\n1,5\t2\n1,25\t3\n'],
    ['windows line ends and a byte order mark', '\ufeffx;y\r\n1,5;2\r\n1,25;3\r\n'],
    ['old line ends', 'x;y\r1,5;2\r1,25;3\r'],
    ['quotes around numbers with commas', '"x","y"\n"1,5","2"\n"1,25","3"\n'],
    ['no line end at the end', 'x,y\n1.5,2\n1.25,3'],
    ['empty lines at the end', 'x,y\n1.5,2\n1.25,3\n\n\n'],
  ])('are understood: %s', async (_what, text) => {
    const { table, first } = await column('a.csv', text);
    expect(table.columns.map((c) => c.name)).toEqual(['x', 'y']);
    expect(first).toEqual([1.5, 1.25]);
    expect(table.rows).toBe(2);
  });

  it('of one column with decimal commas are not cut in two', async () => {
    const { table, first } = await column('b.csv', 'Durchmesser\n12,5\n12,55\n12,6\n');
    expect(table.columns).toHaveLength(1);
    expect(first).toEqual([12.5, 12.55, 12.6]);
  });

  it('without a header begin with their first row', async () => {
    const { table, first } = await column('c.csv', '1.5\n1.6\n');
    expect(table.hasHeader).toBe(false);
    expect(first).toEqual([1.5, 1.6]);
    expect(table.rowInFile(1)).toBe(2);
  });

  it('in UTF-16 and in Windows-1252 are read', async () => {
    const wide = Buffer.from('\ufeffä;y\r\n1,5;2\r\n', 'utf16le');
    expect((await column('d.csv', wide)).table.columns[0]?.name).toBe('ä');
    const narrow = Buffer.from('Maß;y\r\n1,5;2\r\n', 'latin1');
    expect((await column('e.csv', narrow)).table.columns[0]?.name).toBe('Maß');
  });

  it('keep a missing reading in its place and count it', async () => {
    const { table, first } = await column('f.csv', 'x;y\n1,5;1\n;2\nNA;3\n1,7;4\n');
    expect(first).toEqual([1.5, Number.NaN, Number.NaN, 1.7]);
    expect(table.columns[0]).toMatchObject({ missing: 2, words: 0 });
  });

  it('keep words, also where a column mixes them with numbers', async () => {
    const { table } = await column('g.csv', 'part,x\n1,5\nB7,6\n1,7\n');
    expect([0, 1, 2].map((row) => table.columns[0]?.text(row))).toEqual(['1', 'B7', '1']);
    expect(table.columns[0]).toMatchObject({ words: 1 });
  });

  it('do as the reader wishes', async () => {
    const { first } = await column('h.csv', '1,5\n1,6\n', { decimal: ',' });
    expect(first).toEqual([1.5, 1.6]);
    const cut = await column('i.csv', 'x/y\n1/2\n', { delimiter: '/' });
    expect(cut.first).toEqual([1]);
  });

  it('longer than what is read at once lose nothing', async () => {
    const rows = Array.from({ length: 200_000 }, (_, i) => `${i};${i % 7}`);
    const { table, first } = await column('j.csv', `i;x\n${rows.join('\n')}\n`);
    expect(table.rows).toBe(200_000);
    expect(first.every((x, i) => x === i)).toBe(true);
  });

  it('with quotes far down are read again with care', async () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => `${i};plain`);
    const text = `i;note\n${rows.join('\n')}\n7;"a; b\nc"\n`;
    const { table } = await column('k.csv', text);
    expect(table.rows).toBe(20_001);
    expect(table.columns[1]?.text(20_000)).toBe('a; b\nc');
  });

  it.each([
    ['a row that is too long', 'x,y\n1,2\n1,2,3\n', /row 3 has 3 cells, but the header names 2/],
    ['a quote that is never closed', 'x,"y"\n1,"2\n', /quote/i],
  ])('say what is wrong: %s', async (_what, text, message) => {
    await expect(column('bad.csv', text)).rejects.toThrow(message);
  });

  it.each([
    ['a quote', '"1"2","3"', /Invalid Closing Quote/],
    ['a row', '"1","2","3"', /row 30002 has 3 cells/],
  ])('end at %s that is wrong, however much comes behind it', async (_what, wrong, message) => {
    const rows = Array.from({ length: 60_000 }, (_, i) => `"${i}","a"`);
    rows[30_000] = wrong;
    await expect(column('long.csv', `"x","y"\n${rows.join('\n')}\n`)).rejects.toThrow(message);
  });

  it('are refused when there are none', async () => {
    await expect(column('empty.csv', '')).rejects.toThrow(/the file is empty/);
    await expect(readTable(`${at.dir}/nowhere.csv`)).rejects.toThrow(/cannot be read/);
  });
});

describe('workbooks', () => {
  const book = workbook({
    First: [
      ['d', 'op'],
      [1.5, 'A'],
      [null, 'B'],
      [1.7, 'A'],
    ],
    Second: [['z'], [9]],
  });

  it('give the first sheet, or the one that is named', async () => {
    const { table, first } = await column('a.xlsx', book);
    expect(table.columns.map((c) => c.name)).toEqual(['d', 'op']);
    expect(first).toEqual([1.5, Number.NaN, 1.7]);
    expect((await column('a.xlsx', book, { sheet: 'Second' })).first).toEqual([9]);
  });

  it('read numbers that were typed as text with the decimal sign that is named', async () => {
    const typed = workbook({ Only: [['d'], ['1,5'], [2.25], ['−3,5']] });
    const { first } = await column('typed.xlsx', typed, { decimal: ',' });
    expect(first).toEqual([1.5, 2.25, -3.5]);
  });

  it('say that a sheet is not there, and that a file is no workbook', async () => {
    await expect(column('a.xlsx', book, { sheet: 'Third' })).rejects.toThrow(/--sheet/);
    await expect(column('b.xlsx', Buffer.from('PK\x03\x04nonsense'))).rejects.toThrow(/xlsx/);
    const old = Buffer.from([0xd0, 0xcf, 0x11, 0xe0]);
    await expect(column('c.xls', old)).rejects.toThrow(/old Excel format/);
  });
});
