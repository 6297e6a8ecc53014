/** Shortest and longest password; the upper bound keeps hashing cheap. */
export const PASSWORD = { least: 12, most: 128 } as const;

/** Letters and digits that must be left when everything that is easy to guess is taken out. */
const LEAST_LEFT = 6;
const LEAST_DIFFERENT = 6;

/**
 * Why a password is too easy to guess, as a sentence; null when it is not. `names` are those of the
 * person and the plant.
 */
export function weakness(password: string, names: readonly string[]): string | null {
  const plain = password.normalize('NFC');
  const length = [...plain].length;
  if (length < PASSWORD.least) return `it needs at least ${PASSWORD.least} characters`;
  if (length > PASSWORD.most) return `it may have at most ${PASSWORD.most} characters`;
  if (new Set(plain.toLowerCase()).size < LEAST_DIFFERENT) {
    return `it needs at least ${LEAST_DIFFERENT} different characters`;
  }
  if (/^(.{1,8})\1+.{0,3}$/su.test(plain)) return 'it repeats one piece';
  const left = whatIsLeft(
    plain.toLowerCase(),
    names.map((name) => name.toLowerCase()),
  );
  return left < LEAST_LEFT
    ? 'it is made of common words, names, years or rows of keys; add words nobody would guess'
    : null;
}

/**
 * How many characters stay when known pieces are taken out: a guesser tries those first. In place of
 * a list of leaked passwords, which are nearly all made of these pieces.
 */
function whatIsLeft(password: string, names: readonly string[]): number {
  const parts = names.flatMap((name) => [name, ...name.split(/[^\p{L}\p{N}]+/u)]);
  const known = [...parts.filter((part) => part.length >= 3), ...WORDS];
  known.sort((a, b) => b.length - a.length);
  const forms = [password, unleet(password)].map((form) => {
    let rest = form;
    for (const word of known) rest = rest.replaceAll(word, ' ');
    rest = withoutRows(rest).replace(/(19|20)\d\d/g, ' ');
    // What is left of a run is one character: 'aaaa' adds nothing to 'a'.
    return rest.replace(/(.)\1+/gsu, '$1').replace(/[^\p{L}\p{M}\p{N}]/gu, '');
  });
  return Math.min(...forms.map(weigh));
}

/**
 * A digit is one of ten, and numbers of phones, identity cards and accounts are known to others: two
 * and a half of them count as one letter. No kind of sign is asked for.
 */
const weigh = (text: string): number => {
  const digits = text.replace(/\P{N}/gu, '').length;
  return text.length - digits + 0.4 * digits;
};

/** 'p4ssw0rd' is 'password' to everybody who guesses. */
function unleet(password: string): string {
  const signs: Record<string, string> = {
    ...{ '0': 'o', '1': 'l', '3': 'e', '4': 'a', '5': 's', '7': 't', '8': 'b' },
    ...{ '@': 'a', $: 's', '!': 'i', '+': 't' },
  };
  return password.replace(/[0134578@$!+]/g, (sign) => signs[sign] ?? sign);
}

/** Along the keyboard, down its columns, and columns in turn with their shift signs. */
const ROWS = [
  ...['qwertyuiop', 'asdfghjkl', 'zxcvbnm', 'abcdefghijklmnopqrstuvwxyz', '01234567890'],
  ...['qazwsxedcrfvtgbyhnujmikolp', '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p'],
  ...['1q2w3e4r5t6y7u8i9o0p', 'q1w2e3r4t5y6u7i8o9p0', '!@#$%^&*()', 'a1s2d3f4g5h6j7k8l9'],
  ...['1a2b3c4d5e6f7g8h9i', 'a1b2c3d4e5f6g7h8i9', 'qweasdzxc', 'qwerasdfzxcv', 'azertyuiop'],
];
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

/**
 * Words that lists of leaked passwords are made of (first names, teams, pets, love, faith), those of a
 * factory, and our own name. Long ones first: what is left of them must not count as something else.
 */
const WORDS =
  `meyar password passwort passw0rd passcode passphrase pass admin administrator root user
  guest operator viewer quality welcome login letmein changeme change secret master default temporary
  temp test testing hello iloveyou love lovely lover baby angel princess prince queen king dragon
  monkey tiger lion eagle wolf horse kitty puppy doggy chicken banana apple orange cherry chocolate
  cookie butter flower rose garden sunshine sunset moonlight rainbow summer winter spring autumn
  football baseball basketball softball volleyball cricket hockey soccer tennis manchester united
  liverpool chelsea arsenal barcelona madrid juventus superman batman spiderman starwars pokemon
  naruto ninja shadow ghost hunter killer freedom whatever trustno trust unbelievable forever
  together friends friend family mother father sister brother daddy mommy lucky happy smile crazy
  sexy blink nirvana metallica slipknot eminem jordan michael jennifer jessica christopher
  christian christina nicholas alexander alexandra alexis elizabeth stephanie samantha benjamin
  jonathan matthew anthony william charlie daniel david robert joseph joshua andrew thomas ashley
  amanda melissa nicole michelle patricia victoria veronica danielle natalie isabella sebastian
  fernando francisco alejandro gabriel monday tuesday wednesday thursday friday saturday sunday
  january february march april june july august september october november december computer
  internet samsung google facebook instagram whatsapp youtube yahoo hotmail gmail microsoft windows
  linux server system database network company office business factory plant machine machines
  production press line shift supervisor engineer manager maintenance scada siemens simatic schneider
  allen bradley rockwell mitsubishi omron grafana influx modbus mosquitto broker raspberry
  pakistan pakistani lahore karachi islamabad rawalpindi faisalabad sialkot multan peshawar quetta
  punjab sindh kashmir allah akbar bismillah alhamdulillah mashallah inshallah subhanallah
  muhammad mohammed mohammad ahmed ahmad khan malik fatima ayesha zainab hussain hassan bilal usman
  umar india germany america china london berlin paris new number one abc xyz aaa`
    .split(/\s+/)
    .filter((word) => word.length >= 3);
