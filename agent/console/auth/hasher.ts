import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { ProblemError } from '../problem.ts';

/** Argon2id as OWASP's Password Storage Cheat Sheet names it: 46 MiB, one pass, one lane. */
const COST = { memory: 47_104, passes: 1, parallelism: 1 };
const TAG_BYTES = 32;
const MOST_WAITING = 16;

/** Hashes and checks passwords, one at a time: each takes 46 MiB, and the box has 2 GB. */
export interface Hasher {
  hash(password: string): Promise<string>;
  /** false for null too, after the same time: nobody learns which names exist */
  matches(password: string, kept: string | null): Promise<boolean>;
}

/** Rejects with 503 when more than a bounded number wait. */
export function createHasher(mostWaiting = MOST_WAITING): Hasher {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  const oneByOne = <T>(work: () => Promise<T>): Promise<T> => {
    if (waiting >= mostWaiting) return Promise.reject(tooBusy());
    waiting += 1;
    const done = last.then(work).finally(() => {
      waiting -= 1;
    });
    last = done.catch(() => {});
    return done;
  };
  const nobody = randomBytes(16);
  return {
    hash: (password) =>
      oneByOne(async () => {
        const nonce = randomBytes(16);
        const tag = await derive(password, nonce, COST);
        const { memory, passes, parallelism } = COST;
        const cost = `m=${memory},t=${passes},p=${parallelism}`;
        return `$argon2id$v=19$${cost}$${text(nonce)}$${text(tag)}`;
      }),
    matches: (password, kept) =>
      oneByOne(async () => {
        const { cost, nonce, tag } = parsed(kept) ?? { cost: COST, nonce: nobody, tag: null };
        const found = await derive(password, nonce, cost);
        return tag !== null && tag.length === found.length && timingSafeEqual(found, tag);
      }),
  };
}

function derive(password: string, nonce: Buffer, cost: typeof COST): Promise<Buffer> {
  // The same letters may be typed as different code points on different keyboards.
  const message = password.normalize('NFC');
  return new Promise((resolve, reject) => {
    argon2('argon2id', { message, nonce, tagLength: TAG_BYTES, ...cost }, (error, tag) =>
      error === null ? resolve(tag) : reject(error),
    );
  });
}

/** The PHC text form: what a hash costs stands beside it, so that it can be raised later. */
function parsed(kept: string | null) {
  const form = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(kept ?? '');
  if (form === null) return null;
  const [memory = 0, passes = 0, parallelism = 0] = form.slice(1, 4).map(Number);
  const bytes = (part: string | undefined) => Buffer.from(part ?? '', 'base64');
  return { cost: { memory, passes, parallelism }, nonce: bytes(form[4]), tag: bytes(form[5]) };
}

const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');

const tooBusy = () =>
  new ProblemError(503, 'busy', 'Too many people log in at once.', 'Try again in a few seconds.');
