/** Shorter words appear by chance: to black them out would spoil the log and hide nothing. */
const LEAST = 4;
const MOST = 1000;
const CENSOR = '***';

const SECRET_KEY =
  /^(pass(word|phrase)?|secret|token|authorization|cookie|api-?key|credentials?)$|(password|secret|token)$/i;

/** True for the name of a setting whose value nobody may see. */
export const isSecretKey = (key: string): boolean => SECRET_KEY.test(key);

/**
 * The secrets of this process: what the settings hold. They are kept in one place for the whole
 * process, so that no part can write a line that does not pass here.
 */
const known = new Set<string>();
let longestFirst: string[] = [];

/** From now on none of these is written by the log or the command line. */
export function learnSecrets(secrets: Iterable<string>): void {
  for (const secret of secrets) {
    if (secret.length < LEAST || known.size >= MOST) continue;
    known.add(secret);
    known.add(JSON.stringify(secret).slice(1, -1));
    known.add(encodeURIComponent(secret));
  }
  longestFirst = [...known].sort((a, b) => b.length - a.length);
}

/** The text with every known secret blacked out. */
export function maskSecrets(text: string): string {
  let masked = text;
  for (const secret of longestFirst) {
    if (masked.includes(secret)) masked = masked.replaceAll(secret, CENSOR);
  }
  return masked;
}

/** Values in settings that nobody may see: passwords, tokens, headers, the queries of addresses. */
export function secretsIn(value: unknown, hidden = false): string[] {
  if (typeof value === 'string') return hidden ? [value] : secretsOfUrl(value);
  if (typeof value === 'number') return hidden ? [String(value)] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    secretsIn(inner, hidden || isSecretKey(key) || key === 'headers'),
  );
}

/** Many hooks carry their token in the query or as the last long piece of the path. */
function secretsOfUrl(text: string): string[] {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return [];
  const { searchParams, pathname, password } = new URL(text);
  const pieces = pathname.split('/').filter((piece) => piece.length >= 20);
  return [...searchParams.values(), ...pieces, ...(password === '' ? [] : [password])];
}
