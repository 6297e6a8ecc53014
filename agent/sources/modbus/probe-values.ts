import { decoder, type FieldType, ORDERS_32, type Order } from './decode.ts';

/** A number as one type and order would read it; `plausible`: looks like something measured. */
interface Reading {
  type: FieldType;
  order: Order;
  value: number | null;
  plausible: boolean;
}

/** One register, and the numbers that may begin there. */
export interface Interpretation {
  uint16: number;
  int16: number;
  hex: string;
  /** the two bytes as characters, '.' for what is none */
  text: string;
  wide: Reading[];
}

const WIDE: [FieldType, number, readonly Order[]][] = [
  ['float32', 2, ORDERS_32],
  ['uint32', 2, ORDERS_32],
  ['int32', 2, ORDERS_32],
  ['float64', 4, ['ABCDEFGH', 'GHEFCDAB', 'HGFEDCBA', 'BADCFEHG']],
];
const RULE = { bit: 0, scale: 1, offset: 0, min: null, max: null, sentinels: [] };

/** Every interpretation of the register at `index`; null when it could not be read. */
export function interpret(words: readonly (number | null)[], index: number): Interpretation | null {
  const word = words[index];
  if (word === null || word === undefined) return null;
  const character = (code: number) => (code > 31 && code < 127 ? String.fromCharCode(code) : '.');
  return {
    uint16: word,
    int16: (word << 16) >> 16,
    hex: word.toString(16).padStart(4, '0'),
    text: character(word >> 8) + character(word & 0xff),
    wide: WIDE.flatMap(([type, width, orders]) => {
      const view = viewOf(words, index, width);
      if (view === null) return [];
      return orders.map((order) => readAs(type, order, view));
    }),
  };
}

function readAs(type: FieldType, order: Order, view: DataView): Reading {
  const { value } = decoder({ ...RULE, type, order })(view, 0);
  const size = Math.abs(value);
  const float = type.startsWith('float');
  const plausible = float && size >= 1e-4 && size < 1e7;
  return { type, order, value: Number.isFinite(value) ? value : null, plausible };
}

function viewOf(words: readonly (number | null)[], index: number, width: number): DataView | null {
  const view = new DataView(new ArrayBuffer(2 * width));
  for (let i = 0; i < width; i += 1) {
    const word = words[index + i];
    if (word === null || word === undefined) return null;
    view.setUint16(2 * i, word);
  }
  return view;
}
