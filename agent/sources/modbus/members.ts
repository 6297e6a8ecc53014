import { type Decoded, decoder, type FieldType, type Order, orderFor, widthOf } from './decode.ts';
import { readText } from './decode-text.ts';
import { type LayoutCheck, layoutCheck } from './layout.ts';
import type { FieldSettings, UnitSettings } from './settings.ts';
import { type StuckTest, stuckTest } from './stuck.ts';
import type { Doubt, Trust } from './trust.ts';

/** One field or tag: where it stands, how it is read, and what was last said about it. */
export interface Member {
  tag: string;
  /** number of the characteristic that reads it, -1 for none */
  number: number;
  address: number;
  length: number;
  /** null for text, which can only be context */
  read: ((view: DataView, at: number) => Decoded) | null;
  readText: ((view: DataView, at: number) => string) | null;
  /** name in the context, or null when it is a value */
  contextName: string | null;
  /** words for raw numbers, of a context field */
  words: Readonly<Record<string, string>> | null;
  /** what else the bytes of an implausible value could be, and what was told of it */
  layout: LayoutCheck | null;
  layoutTold: string;
  /** does it hang, and was that told */
  stuck: StuckTest | null;
  hangs: boolean;
  /** doubts that its values feed, and those that make them suspect */
  watches: readonly Doubt[];
  doubts: readonly Doubt[];
  /** quality of the newest reading handed over; NOT_TOLD before the first */
  told: number;
}

const NOT_TOLD = -1;

type AnyField = Omit<FieldSettings, 'role' | 'name' | 'words'> & { words?: Words };
type Words = FieldSettings['words'];

/** Makes the reader of one field. */
export function memberOf(
  unit: UnitSettings,
  tag: string,
  contextName: string | null,
  field: AnyField,
  number: number,
  base: number,
  trust: Trust,
): Member {
  const type: FieldType = field.type;
  const order = (field.order as Order | undefined) ?? orderFor(type, unit.order);
  const { bit, byte, scale, offset, sentinels, length: characters, packing } = field;
  const [from, to] = (field.bits ?? '').split('-').map(Number);
  const rule = {
    type,
    order,
    bit,
    byte,
    scale,
    offset,
    sentinels,
    min: field.min ?? null,
    max: field.max ?? null,
    bits: from === undefined || to === undefined ? null : { from, to },
    clamp: clampOf(field),
  };
  const text = type === 'string';
  return {
    tag,
    number,
    address: field.address - (field.notated ? 0 : base),
    length: widthOf(type, characters, packing),
    read: text ? null : decoder(rule),
    readText: text ? (view, at) => readText(view, at, characters, order, packing) : null,
    contextName,
    words: field.words ?? null,
    layout: text ? null : layoutCheck(rule),
    layoutTold: '',
    stuck: field.stuckAfter === undefined ? null : stuckTest(field.stuckAfter),
    hangs: false,
    watches: trust.watching(tag.slice(unit.name.length + 1)),
    doubts: trust.about(tag.slice(unit.name.length + 1)),
    told: NOT_TOLD,
  };
}

function clampOf({ clamp }: AnyField): { min: number; max: number } | null {
  if (clamp === undefined) return null;
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = clamp;
  return { min, max };
}
