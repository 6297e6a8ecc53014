import { adapters } from './adapters/index.ts';
import type { CaseFile } from './cases.ts';
import { compare, type Mismatch } from './compare.ts';

export type Outcome =
  | { status: 'passed' }
  | { status: 'not served' }
  | { status: 'failed'; mismatches: Mismatch[]; error: string | null };

/** Runs one case through the adapter of its kind. */
export function runCase({ content }: CaseFile): Outcome {
  const adapter = adapters[content.kind];
  if (adapter === undefined) return { status: 'not served' };
  try {
    const mismatches = compare(content.expected, adapter(content.input), content.tolerance);
    if (mismatches.length === 0) return { status: 'passed' };
    return { status: 'failed', mismatches, error: null };
  } catch (error) {
    return { status: 'failed', mismatches: [], error: String(error) };
  }
}
