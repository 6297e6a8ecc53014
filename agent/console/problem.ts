import type { z } from 'zod';
import type { problem } from './named.ts';

/** A refusal as the API says it. Thrown by routes; everything else thrown is an internal error. */
export class ProblemError extends Error {
  override name = 'ProblemError';
  readonly status: number;
  readonly code: string;
  readonly hint: string;
  /** s to wait before another try; null when waiting does not help */
  readonly retryAfterS: number | null;
  constructor(
    status: number,
    code: string,
    message: string,
    hint: string,
    retryAfterS: number | null = null,
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.hint = hint;
    this.retryAfterS = retryAfterS;
  }
}

/** The JSON body of every answer that is not a success. */
export function problemBody(error: ProblemError): z.input<typeof problem> {
  return { error: error.code, message: error.message, hint: error.hint };
}

/** 404 for a characteristic that is not in the settings. */
export function unknownCharacteristic(id: string): ProblemError {
  return new ProblemError(
    404,
    'not-found',
    `There is no characteristic '${id.slice(0, 80)}'.`,
    'GET /api/characteristics lists the ids.',
  );
}

/** 400 that names every field that is wrong. */
export function badInput(where: string, error: z.ZodError): ProblemError {
  const fields = error.issues.slice(0, 10).map((issue) => {
    const path = issue.path.map(String).join('.');
    return path === '' ? issue.message : `${path}: ${issue.message}`;
  });
  return new ProblemError(
    400,
    'bad-request',
    `The ${where} cannot be used: ${fields.join('; ')}.`,
    'GET /api/openapi.json describes what this address takes.',
  );
}

/** 400 for one field that the schema alone cannot judge. */
export function badField(field: string, why: string): ProblemError {
  const message = `The body cannot be used: ${field}: ${why}.`;
  return new ProblemError(400, 'bad-request', message, `Correct ${field} and send it again.`);
}
