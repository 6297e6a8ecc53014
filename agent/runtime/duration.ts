import { z } from 'zod';

const UNITS: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const FORM = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/;

/** Milliseconds of '500ms', '30s', '5m', '2h', '7d'; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const match = FORM.exec(text.trim());
  const unit = UNITS[match?.[2] ?? ''];
  return match && unit !== undefined ? Number(match[1]) * unit : undefined;
}

/** Settings type: a duration as text, read as milliseconds. */
export function duration(fallback: string) {
  return givenDuration().prefault(fallback);
}

/** The same where nothing stands for one that was left out. */
export function givenDuration() {
  return z
    .string()
    .regex(FORM, "a duration is a number and a unit: '500ms', '30s', '5m', '2h', '7d'")
    .transform((text) => parseDuration(text) ?? 0);
}

/** '1.5 s', '20 min', '3 h': what people read. */
export function sayDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${round(ms / 1000)} s`;
  if (ms < 7_200_000) return `${round(ms / 60_000)} min`;
  if (ms < 172_800_000) return `${round(ms / 3_600_000)} h`;
  return `${round(ms / 86_400_000)} d`;
}

const round = (x: number) => (x < 10 ? Math.round(x * 10) / 10 : Math.round(x));
