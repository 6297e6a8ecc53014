import { setFlagsFromString } from 'node:v8';

/**
 * Young generations of at most 2 × 8 MB in each of the three threads instead of 2 × 64 MB, and two
 * arenas of the C library instead of eight for each core. They can only be given at the start.
 */
const SEMI_SPACE = '--max-semi-space-size=';
const SEMI_SPACE_MB = 8;
/** The C library's own bounds grow with the largest block ever freed; then little is given back. */
const MALLOC = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
};
const MORE = [
  // Else V8 maps its own code once more beside that of each thread, where there are 4 GB or more.
  '--no-short-builtin-calls',
  // Else each thread holds the texts of Node's own modules twice: once out of the snapshot that it is
  // started from. Without that they stay in the program file, and a start takes a little longer.
  '--no-node-snapshot',
  // For tidy.ts: threads that leave little behind collect it before it has become much.
  '--expose-gc',
];

/**
 * Makes this process one that is content with little memory: it becomes itself again (execve: the
 * same number, the same files) with the options that can only be given at the start, unless whoever
 * started it gave them already. Where that is not possible it goes on, and takes more memory.
 */
export function useLittleMemory(): void {
  const { env, execArgv, execPath, argv } = process;
  const given = [...execArgv, env['NODE_OPTIONS'] ?? ''].some((text) => text.includes(SEMI_SPACE));
  if (given || process.execve === undefined || process.platform !== 'linux') return;
  const options = [...execArgv, `${SEMI_SPACE}${SEMI_SPACE_MB}`, ...MORE];
  const settings = { ...MALLOC, ...env };
  process.execve(execPath, [execPath, ...options, ...argv.slice(1)], settings);
}

/** More readings a second than this: a backlog or a burst, when speed counts more than room. */
const MANY_PER_SECOND = 8000;
const FEW_PER_SECOND = 4000;
const QUIET_LOOKS = 10;
/**
 * Read at each collection by all threads: dead objects are given back early, heaps kept dense, and
 * young generations stay as small as the last full collection left them.
 */
const SMALL = ['--optimize-for-size', '--heap-growing-percent=5', '--semi-space-growth-factor=1'];
const FAST = ['--no-optimize-for-size', '--heap-growing-percent=0', '--semi-space-growth-factor=2'];

/**
 * Looks at how many readings came so far, about once a second, and chooses between little memory
 * and little work for the collector: garbage is collected early unless a lot of it is made.
 */
export function balanceMemory(
  setFlag: (flag: string) => void = setFlagsFromString,
): (readings: number, nowMs: number) => 'small' | 'fast' {
  let mode: 'small' | 'fast' | null = null;
  let before: { readings: number; nowMs: number } | null = null;
  let quiet = 0;
  const choose = (wanted: 'small' | 'fast') => {
    if (mode !== wanted) for (const flag of wanted === 'small' ? SMALL : FAST) setFlag(flag);
    mode = wanted;
    return wanted;
  };
  return (readings, nowMs) => {
    const perSecond =
      before === null
        ? 0
        : (1000 * Math.max(0, readings - before.readings)) / Math.max(1, nowMs - before.nowMs);
    before = { readings, nowMs };
    quiet = perSecond < FEW_PER_SECOND ? quiet + 1 : 0;
    if (perSecond > MANY_PER_SECOND) return choose('fast');
    return choose(mode === 'fast' && quiet < QUIET_LOOKS ? 'fast' : 'small');
  };
}
