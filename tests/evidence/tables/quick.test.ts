import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanBytes } from '../../../agent/evidence/tables/bytes.ts';
import { numberIn } from '../../../agent/evidence/tables/cells.ts';
import type { Dialect } from '../../../agent/evidence/tables/dialect.ts';
import { scanQuick } from '../../../agent/evidence/tables/quick.ts';

const COMMA: Dialect = { delimiter: ',', decimal: '.', encoding: 'utf-8' };
const GERMAN: Dialect = { delimiter: ';', decimal: ',', encoding: 'utf-8' };

interface Scanned {
  /** the wanted cells of every row in order */
  rows: (number | string | null)[][];
  quick: number;
  taken: number;
}

/** Rows of a text that comes in pieces, the quick way where it can be; `places` are columns. */
function scanned(
  text: string,
  dialect: Dialect,
  places: readonly number[],
  piece: number,
): Scanned {
  const rows: Scanned['rows'] = [];
  let quick = 0;
  const slow = scanBytes(dialect, (cells) => rows.push(places.map((p) => cells[p] ?? null)));
  if (slow === null) throw new Error('the dialect has no scanner');
  const scan = scanQuick(
    dialect,
    { places, width: 9 },
    {
      slow,
      ready: () => true,
      take(readings) {
        for (let i = 0; i < readings.length; i += places.length) {
          rows.push(Array.from(readings.subarray(i, i + places.length)));
          quick += 1;
        }
      },
    },
  );
  const bytes = Buffer.from(text);
  let taken = 0;
  for (let end = piece; taken < bytes.length; end += piece) {
    const before = taken;
    taken += scan(bytes.subarray(taken, end));
    if (end > bytes.length && taken === before) break;
  }
  return { rows, quick, taken };
}

/** The same rows cell by cell. */
function cellByCell(text: string, dialect: Dialect, places: readonly number[]): Scanned['rows'] {
  const rows: Scanned['rows'] = [];
  scanBytes(dialect, (cells) => rows.push(places.map((p) => cells[p] ?? null)))?.(
    Buffer.from(text),
  );
  return rows;
}

const numbers = fc.oneof(
  fc.integer({ min: -99_999, max: 99_999 }).map(String),
  fc.double({ min: -1e3, max: 1e3, noNaN: true }).map((x) => x.toFixed(5)),
  fc.integer({ min: 0, max: 99 }).map((x) => `.${x}`),
  fc.constantFrom('5.', '-0', '-0.0', '123456789012345', '0.1', '0.3', '007'),
);
const odd = fc.constantFrom(
  ...[
    '',
    ' ',
    ' 1.5',
    '1.5 ',
    'NA',
    '-',
    '.',
    '1e3',
    '+4',
    '1.2.3',
    '--5',
    '1234567890123456',
    'x',
  ],
);
const cell = fc.oneof({ weight: 8, arbitrary: numbers }, { weight: 1, arbitrary: odd });
const lineEnd = fc.constantFrom('\n', '\n', '\r\n');

describe('the quick way through a table', () => {
  it('hands over what the long way does, in order, whatever stands in it and wherever it is cut', () => {
    const row = fc.tuple(fc.array(cell, { minLength: 1, maxLength: 4 }), lineEnd);
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 30 }),
        fc.constantFrom([0], [1], [1, 0], [0, 2]),
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom(COMMA, GERMAN),
        (table, places, piece, dialect) => {
          const { delimiter, decimal } = dialect;
          const text = table
            .map(([cells, end]) => cells.map((c) => c.replace('.', decimal)).join(delimiter) + end)
            .join('');
          const { rows, taken } = scanned(text, dialect, places, piece);
          expect(rows).toEqual(cellByCell(text, dialect, places));
          expect(taken).toBe(Buffer.byteLength(text));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('reads plain numbers exactly as written', () => {
    fc.assert(
      fc.property(fc.array(numbers, { minLength: 1, maxLength: 40 }), (list) => {
        const { rows, quick } = scanned(`${list.join('\n')}\n`, COMMA, [0], 1000);
        expect(quick).toBe(list.length);
        expect(rows.flat()).toEqual(list.map((text) => numberIn(text, '.')));
      }),
    );
  });

  it('leaves other line ends and lines without an end to the long way', () => {
    expect(scanned('1\r2\r3\r4', COMMA, [0], 100)).toMatchObject({
      rows: [[1], [2], [3]],
      quick: 0,
    });
    expect(scanned('1\n2\r3\n4\n', COMMA, [0], 100).rows).toEqual([[1], [2], [3], [4]]);
    expect(scanned('1,2', COMMA, [0], 100)).toMatchObject({ rows: [], taken: 0 });
  });

  it('waits for the header, and goes the long way for rows that are too wide', () => {
    const seen: string[] = [];
    let begun = false;
    const slow = scanBytes(COMMA, (cells) => {
      seen.push(`cells ${cells.join()}`);
      begun = true;
    });
    if (slow === null) throw new Error('no scanner');
    const scan = scanQuick(
      COMMA,
      { places: [0], width: 2 },
      { slow, ready: () => begun, take: (list) => seen.push(`numbers ${list.join()}`) },
    );
    scan(Buffer.from('2019,2020\n1,2\n3,4\n5,6,7\n8,9\n'));
    expect(seen).toEqual(['cells 2019,2020', 'numbers 1,3', 'cells 5,6,7', 'numbers 8']);
  });
});
