const MAX_PARALLEL = 4;
let running = 0;
let refused = () => {};
const waiting: (() => void)[] = [];

/** A refusal of the API in words for people. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly hint: string;
  readonly code: string;
  constructor(message: string, hint: string, code: string) {
    super(message);
    this.hint = hint;
    this.code = code;
  }
}

/** Called when the API wants a login that this page thought it had. */
export function onRefused(listener: () => void): void {
  refused = listener;
}

/** GET; at most four at a time, because a browser has six connections for everything. */
export async function get<T>(
  path: string,
  signal?: AbortSignal,
  headers: Record<string, string> = {},
): Promise<T> {
  if (running >= MAX_PARALLEL) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
  try {
    const options = signal === undefined ? { headers } : { headers, signal };
    const response = await fetch(`api/${path}`, options);
    return await read<T>(response);
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

/** POST of JSON. */
export async function post<T>(path: string, body: unknown): Promise<T> {
  const response = await fetch(`api/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-meyar': '1' },
    body: JSON.stringify(body),
  });
  return read<T>(response);
}

async function read<T>(response: Response): Promise<T> {
  const body: unknown = await response.json();
  if (response.ok) return body as T;
  const { error, message, hint } = body as { error?: string; message?: string; hint?: string };
  if (error === 'login-needed') refused();
  throw new ApiError(message ?? response.statusText, hint ?? '', error ?? '');
}
