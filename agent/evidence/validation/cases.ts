import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface Tolerance {
  abs: number;
  rel: number;
  fields?: Record<string, { abs: number; rel: number }>;
}

/** One reference case as it stands in its file. */
export interface GoldenCase {
  name: string;
  kind: string;
  input: Record<string, unknown>;
  expected: Record<string, unknown>;
  tolerance: Tolerance;
  /** where the expected numbers are from, when the case says */
  source?: string;
}

export interface CaseFile {
  /** path below the folder, for messages */
  file: string;
  content: GoldenCase;
}

/**
 * All cases of a folder: those its index.json lists, or without an index every `<kind>/<name>.json`
 * (the folder `data` holds no cases). Throws with a plain message when it is no such folder.
 */
export function loadCases(folder: string): CaseFile[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new Error(`'${folder}' is not a folder`);
  }
  const files = caseFiles(folder);
  if (files.length === 0) throw new Error(`'${folder}' holds no cases (<kind>/<name>.json)`);
  return files.map((file) => {
    try {
      return { file, content: JSON.parse(readFileSync(join(folder, file), 'utf8')) as GoldenCase };
    } catch (error) {
      throw new Error(`cannot read '${join(folder, file)}': ${String(error)}`);
    }
  });
}

function caseFiles(folder: string): string[] {
  const index = join(folder, 'index.json');
  if (existsSync(index)) {
    const listed = JSON.parse(readFileSync(index, 'utf8')) as { file: string }[];
    return listed.map((entry) => entry.file);
  }
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'data')
    .flatMap((kind) =>
      readdirSync(join(folder, kind.name))
        .filter((name) => name.endsWith('.json'))
        .map((name) => `${kind.name}/${name}`),
    )
    .sort();
}

/** A file of published cases: {title, cases}. */
export interface CaseList {
  title: string;
  cases: GoldenCase[];
}

/** All lists of a folder, in the order of their names. */
export function loadCaseLists(folder: string): CaseList[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as CaseList);
}
