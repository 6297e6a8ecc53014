import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('./shim/record.c', import.meta.url));

/** Compiles the preloaded library into a folder; returns its path. */
export function buildShim(folder: string): string {
  const library = join(folder, 'record.so');
  const options = ['-shared', '-fPIC', '-O2', '-o', library, SOURCE, '-ldl', '-lpthread'];
  execFileSync('gcc', options, { stdio: ['ignore', 'ignore', 'inherit'] });
  return library;
}

export interface Faults {
  /**
   * which calls are counted: write, sync, truncate, all of these; read; what a read-only file system
   * refuses (write, truncate, open for writing, remove, rename)
   */
  kind: 'w' | 's' | 't' | 'a' | 'r' | 'o';
  first: number;
  count: number;
  /** errno; 0: half of the bytes are written */
  code: number;
  /** part of the paths meant */
  only: string;
}

const EIO = 5;
const ENOSPC = 28;
const EROFS = 30;

/** What is made to fail: the call, how, and how many of them in a row. */
export const KINDS: Omit<Faults, 'first' | 'only'>[] = [
  { kind: 's', code: EIO, count: 1 },
  { kind: 'w', code: EIO, count: 1 },
  { kind: 'w', code: ENOSPC, count: 10 },
  { kind: 's', code: EIO, count: 6 },
  { kind: 'a', code: EIO, count: 25 },
  { kind: 'w', code: 0, count: 1 },
  { kind: 't', code: EIO, count: 1 },
  { kind: 'o', code: EROFS, count: 25 },
  { kind: 'r', code: EIO, count: 1 },
];

const CALLS = { w: 'write', s: 'sync', t: 'truncate', a: 'any call', r: 'read', o: 'any change' };
const ERRORS: Record<number, string> = {
  [EIO]: 'EIO',
  [ENOSPC]: 'ENOSPC',
  [EROFS]: 'EROFS',
  0: 'half',
};

/** In words, what is made to fail and how. */
export const sayKind = ({ kind, code, count }: Omit<Faults, 'first' | 'only'>): string =>
  `${CALLS[kind]} ${ERRORS[code] ?? code}${count > 1 ? ` x${count}` : ''}`;

/** As the shim reads it. */
export const sayFaults = ({ kind, first, count, code, only }: Faults): string =>
  `${kind}:${first}:${count}:${code}:${only}`;

/** Environment of a process that is watched and, when faults are given, disturbed. */
export function shimEnv(o: {
  library: string;
  dataDir: string;
  log?: string;
  faults?: Faults;
  told?: string;
  /** what is said on standard output is recorded like what is sent */
  stdout?: boolean;
}): NodeJS.ProcessEnv {
  const { faults: f } = o;
  return {
    ...process.env,
    LD_PRELOAD: o.library,
    MEYAR_SHIM_DIR: o.dataDir,
    ...(o.stdout === true ? { MEYAR_SHIM_STDOUT: '1' } : {}),
    ...(o.log === undefined ? {} : { MEYAR_SHIM_LOG: o.log }),
    ...(o.told === undefined ? {} : { MEYAR_SHIM_TOLD: o.told }),
    ...(f === undefined ? {} : { MEYAR_SHIM_FAULTS: sayFaults(f) }),
  };
}
