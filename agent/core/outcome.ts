/** What a reading brought about: bits of the number `stepReading` returns. */
export const POINT = 1;
/** a rule was broken under frozen limits, on any chart */
export const SIGNAL = 2;
export const OUT_OF_TOLERANCE = 4;
export const LIMITS_FROZEN = 8;
/** a SIGNAL of severity alarm */
export const ALARM_SIGNAL = 16;
