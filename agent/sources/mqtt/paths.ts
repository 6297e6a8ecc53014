/** Reads one place of a parsed message; undefined when it is not there. */
export type Getter = (root: unknown) => unknown;

const STEP = /\.?([^.[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/y;
const MAX_STEPS = 16;

/** Keys and indexes of 'a.b[0]["odd key"]'; undefined when it is no path. */
export function parsePath(text: string): (string | number)[] | undefined {
  const steps: (string | number)[] = [];
  if (text.startsWith('.')) return undefined;
  STEP.lastIndex = 0;
  while (STEP.lastIndex < text.length) {
    const match = STEP.exec(text);
    if (match === null || steps.length === MAX_STEPS) return undefined;
    if (match[2] !== undefined) steps.push(Number(match[2]));
    else if (match[3] !== undefined) steps.push(match[3].replace(/\\(.)/g, '$1'));
    else steps.push(match[1] ?? '');
  }
  return steps;
}

/**
 * Compiles a path once. Only own properties are read, so that keys such as `__proto__` or
 * `constructor` reach nothing that the sender did not send.
 */
export function getter(path: string): Getter {
  const steps = parsePath(path);
  if (steps === undefined) throw new Error(`'${path}' is not a path`);
  const [first, second] = steps;
  if (first === undefined) return (root) => root;
  if (second === undefined) return (root) => step(root, first);
  if (steps.length === 2) return (root) => step(step(root, first), second);
  return (root) => {
    let at = root;
    for (let i = 0; i < steps.length; i += 1) at = step(at, steps[i] as string | number);
    return at;
  };
}

function step(at: unknown, key: string | number): unknown {
  if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
  return (at as Record<string | number, unknown>)[key];
}
