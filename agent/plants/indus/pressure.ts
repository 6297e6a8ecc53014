import type { Random } from '../random.ts';

/** How one cavity is filled and packed in one shot. */
export interface Packing {
  /** s after the injection began until the melt is at the sensor */
  arrivalS: number;
  /** bar */
  peak: number;
  /** share of the peak that is left when the gate freezes */
  held: number;
  /** s after the injection began until the gate is frozen */
  freezeS: number;
}

/** What is different in this shot. */
interface Trouble {
  /** mm of cushion that the check ring lost */
  ring: number;
  /** °C of the mould above its set point */
  warm: number;
  /** a gate that is half frozen */
  blocked: boolean;
}

/** Time between two samples of a sensor, and how many there are. */
export const STEP_MS = 40;
const SAMPLES = 76;
const RISE_S = 0.45;
/** The pressure vanishes with this time constant once the gate is frozen. */
const FADE_S = 0.25;

/**
 * A shot as a cavity feels it. Melt that runs back past the check ring is missing in the holding
 * phase; in a warm mould the gate freezes later.
 */
export function packingOf(random: Random, usualPeak: number, trouble: Trouble): Packing {
  return {
    arrivalS: 0.55 + 0.01 * random.normal(),
    peak: usualPeak + 6 * random.normal() - (trouble.blocked ? 70 : 0),
    held: 0.75 + 0.008 * random.normal() - 0.4 * trouble.ring,
    freezeS: 2.2 + 0.01 * random.normal() + 0.02 * trouble.warm,
  };
}

/** The curve of the sensor over one shot, bar, in tenths as it resolves them. */
export function curveOf(packing: Packing): number[] {
  return Array.from({ length: SAMPLES }, (_, i) => {
    const bar = pressureAt(packing, (i * STEP_MS) / 1000);
    return Math.round(10 * bar) / 10;
  });
}

function pressureAt({ arrivalS, peak, held, freezeS }: Packing, s: number): number {
  const topS = arrivalS + RISE_S;
  if (s <= arrivalS) return 0;
  if (s <= topS) return peak * Math.sin((Math.PI / 2) * ((s - arrivalS) / RISE_S)) ** 2;
  if (s <= freezeS) return peak * (1 - ((1 - held) * (s - topS)) / (freezeS - topS));
  return peak * held * Math.exp((freezeS - s) / FADE_S);
}
