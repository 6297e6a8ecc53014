/** First and last part of every event within one round of parts; rounds repeat. */
export type EventTable<Name extends string> = Record<Name, readonly [number, number]>;

/** Place of a part (counted from 1) within its round, from 1. */
export const placeIn = (round: number, part: number) => ((part - 1) % round) + 1;

/** Is the event running at this place? */
export function isOn<Name extends string>(table: EventTable<Name>, name: Name, place: number) {
  const [first, last] = table[name];
  return place >= first && place <= last;
}

/** Names of the events that run at this place. */
export function running<Name extends string>(table: EventTable<Name>, place: number): Name[] {
  return (Object.keys(table) as Name[]).filter((name) => isOn(table, name, place));
}
