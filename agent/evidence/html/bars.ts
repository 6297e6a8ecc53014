/** Shares of the components of a gage study as bars, with the lines of the AIAG bands. */
import type { MsaResult } from '../msa/result.ts';
import { at, drawing, INK, label, line, scale } from './svg.ts';

const WIDTH = 700;
const ROW = 26;
const LEFT = 130;
const RIGHT = 60;

interface Share {
  pctStudyVar: number | null;
  pctTolerance: number | null;
}

/** Repeatability, reproducibility, GRR and part; '' for studies without components. */
export function componentBars({ figures, type }: MsaResult): string {
  if (type !== 'grr' && type !== 'nested') return '';
  const all = figures['components'] as Record<string, Share> | undefined;
  if (all === undefined) return '';
  const names = ['repeatability', 'reproducibility', 'grr', 'part'].filter((name) => name in all);
  const shares = names.map((name) => all[name] as Share);
  const withTolerance = shares.some((share) => share.pctTolerance !== null);
  const values = shares.map((s) => (withTolerance ? s.pctTolerance : s.pctStudyVar) ?? 0);
  const most = Math.max(35, ...values);
  const x = scale(0, most, LEFT, WIDTH - RIGHT);
  const height = 34 + names.length * ROW + 12;
  const bars = values.map((value, i) => {
    const y = 34 + i * ROW;
    const name = names[i] === 'grr' ? 'total gage R&R' : (names[i] ?? '');
    return (
      label(LEFT - 8, y + 12, name, '', 'end') +
      `<rect x="${LEFT}" y="${y}" width="${at(x(value) - LEFT)}" height="17" fill="${INK.bar}"/>` +
      label(x(value) + 5, y + 12, `${value.toFixed(1)} %`)
    );
  });
  const band = (value: number, colour: string) =>
    line(x(value), 24, x(value), height - 8, `stroke="${colour}" stroke-dasharray="4 3"`) +
    label(x(value), 20, `${value} %`, `fill="${colour}"`, 'middle');
  const title = `Share of the ${withTolerance ? 'tolerance' : 'study variation'}`;
  const inside =
    label(LEFT, 10, title, 'font-weight="bold" font-size="11"') +
    bars.join('') +
    band(10, INK.centre) +
    band(30, INK.limit);
  return `<section><h2>Where the variation comes from</h2>${drawing(WIDTH, height, title, inside)}</section>`;
}
