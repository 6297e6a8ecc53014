/** Reads text of one form as local time; NaN when it does not fit or is no date. */
export type TimeReader = (text: string) => number;

const TOKENS: Record<string, string> = {
  YYYY: '(?<y>\\d{4})',
  MM: '(?<mo>\\d{1,2})',
  DD: '(?<d>\\d{1,2})',
  hh: '(?<h>\\d{1,2})',
  mm: '(?<mi>\\d{2})',
  ss: '(?<s>\\d{2})',
  SSS: '(?<ms>\\d{1,3})',
};
const LONGEST = 40;

/** Compiles 'DD.MM.YYYY hh:mm:ss'; null when the pattern has no full date or a part twice. */
export function compilePattern(pattern: string): TimeReader | null {
  const seen = new Set<string>();
  let twice = false;
  const source = pattern.replace(/YYYY|MM|DD|hh|mm|SSS|ss|[\s\S]/g, (part) => {
    const token = TOKENS[part];
    if (token === undefined) return part.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
    twice ||= seen.has(part);
    seen.add(part);
    return token;
  });
  const dated = ['YYYY', 'MM', 'DD'].every((part) => seen.has(part));
  if (twice || !dated || pattern.length > LONGEST) return null;
  const form = new RegExp(`^\\s*${source}\\s*$`);
  return (text) => {
    const parts = text.length > LONGEST ? undefined : form.exec(text)?.groups;
    return parts === undefined ? Number.NaN : localTime(parts);
  };
}

/** Thirty days hath September: a day that the month does not have is no date. */
function localTime(parts: Record<string, string | undefined>): number {
  const n = (name: string) => Number(parts[name] ?? 0);
  const [month, day, hour, minute, second] = [n('mo') - 1, n('d'), n('h'), n('mi'), n('s')];
  const ms = Number((parts['ms'] ?? '').padEnd(3, '0'));
  const date = new Date(n('y'), month, day, hour, minute, second, ms);
  const same = date.getMonth() === month && date.getDate() === day;
  return same && hour < 24 && minute < 60 && second < 60 ? date.getTime() : Number.NaN;
}
