/** Shortest and longest password; the upper bound keeps hashing cheap. */
export const PASSWORD = { least: 12, most: 128 } as const;

/** Letters and digits that must be left when everything that is easy to guess is taken out. */
const LEAST_LEFT = 6;
const LEAST_DIFFERENT = 6;

/** Why a password is too easy to guess, as a sentence; null when it is not. */
export function weakness(password: string, name: string): string | null {
  const plain = password.normalize('NFC');
  const length = [...plain].length;
  if (length < PASSWORD.least) return `it needs at least ${PASSWORD.least} characters`;
  if (length > PASSWORD.most) return `it may have at most ${PASSWORD.most} characters`;
  if (new Set(plain.toLowerCase()).size < LEAST_DIFFERENT) {
    return `it needs at least ${LEAST_DIFFERENT} different characters`;
  }
  if (/^(.{1,8})\1+.{0,3}$/su.test(plain)) return 'it repeats one piece';
  const left = whatIsLeft(plain.toLowerCase(), name.toLowerCase());
  return left < LEAST_LEFT
    ? 'it is made of common words, the name, years or rows of keys; add words nobody would guess'
    : null;
}

/**
 * How many characters stay when known pieces are taken out: a guesser tries those first. In place of
 * a list of leaked passwords, which are nearly all made of these pieces.
 */
function whatIsLeft(password: string, name: string): number {
  const parts = name.split(/[^\p{L}\p{N}]+/u).filter((part) => part.length >= 3);
  const forms = [password, unleet(password)].map((form) => {
    let rest = form;
    for (const word of [name, ...parts, ...WORDS]) rest = rest.replaceAll(word, ' ');
    rest = withoutRows(rest).replace(/(19|20)\d\d/g, ' ');
    // What is left of a run is one character: 'aaaa' adds nothing to 'a'.
    return rest.replace(/(.)\1+/gsu, '$1').replace(/[^\p{L}\p{M}\p{N}]/gu, '');
  });
  return Math.min(...forms.map((form) => form.length));
}

/** 'p4ssw0rd' is 'password' to everybody who guesses. */
function unleet(password: string): string {
  const signs: Record<string, string> = {
    ...{ '0': 'o', '1': 'l', '3': 'e', '4': 'a', '5': 's', '7': 't', '8': 'b' },
    ...{ '@': 'a', $: 's', '!': 'i', '+': 't' },
  };
  return password.replace(/[0134578@$!+]/g, (sign) => signs[sign] ?? sign);
}

const ROWS = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm', 'abcdefghijklmnopqrstuvwxyz', '01234567890'];
const LEAST_RUN = 4;

/** Takes out pieces of four and more that run along a row, forwards or backwards. */
function withoutRows(text: string): string {
  let rest = text;
  for (const row of [...ROWS, ...ROWS.map((one) => [...one].reverse().join(''))]) {
    for (let length = row.length; length >= LEAST_RUN; length -= 1) {
      for (let at = 0; at + length <= row.length; at += 1) {
        rest = rest.replaceAll(row.slice(at, at + length), ' ');
      }
    }
  }
  return rest;
}

/** Words that lead every list of leaked passwords, those of a factory, and our own name. */
const WORDS = `meyar password passwort passw0rd admin administrator root user guest operator viewer
  quality welcome login letmein changeme secret master default temporary test testing hello iloveyou
  love dragon monkey football baseball cricket superman batman sunshine princess shadow michael
  jordan ashley daniel charlie summer winter spring autumn monday friday january february october
  november december freedom whatever trustno starwars pokemon computer internet samsung google
  facebook apple microsoft windows linux server system database company factory plant machine
  production press scada siemens grafana influx modbus pakistan lahore karachi islamabad punjab
  allah bismillah muhammad mohammed ahmed khan india germany america london berlin`
  .split(/\s+/)
  .sort((a, b) => b.length - a.length);
