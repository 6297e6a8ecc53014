/** Running totals of the reducer, part of the committed state. */
export interface ReducerFigures {
  readings: number;
  duplicates: number;
  late: number;
  points: number;
  signals: number;
  alerts: number;
  missedParts: number;
  unknownCharacteristic: number;
}

/** Before the first reading. */
export const noFigures = (): ReducerFigures => ({
  ...{ readings: 0, duplicates: 0, late: 0, points: 0, signals: 0, alerts: 0 },
  ...{ missedParts: 0, unknownCharacteristic: 0 },
});
