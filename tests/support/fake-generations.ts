import { fakeInflux } from './fake-influx.ts';

/** What a generation of InfluxDB does with a batch that holds a bad line. */
export type Generation = 'v1' | 'v2-400' | 'v2-422' | 'v3-nothing' | 'v3-partial';

/** Most bad lines that InfluxDB 3 names in one answer. */
const MOST_NAMED = 100;

/**
 * A fake of each generation: `isBad` says which lines it cannot take. `lines` is what it holds, by
 * series and time, as an exact rewrite overwrites.
 */
export async function fakeGeneration(generation: Generation, isBad: (line: string) => boolean) {
  const held = new Map<string, string>();
  const keep = (lines: readonly string[]) => {
    for (const line of lines)
      held.set(`${line.split(/(?<!\\) /)[0]} ${line.split(' ').at(-1)}`, line);
  };
  const server = await fakeInflux(({ method, lines }) => {
    if (method === 'GET') return { status: 204 };
    const bad = lines.filter(isBad);
    const good = lines.filter((line) => !isBad(line));
    if (bad.length === 0) {
      keep(good);
      return { status: 204 };
    }
    if (generation === 'v1' || generation === 'v2-422' || generation === 'v3-partial') keep(good);
    return answerOf(generation, lines, bad);
  });
  return {
    url: server.url,
    requests: server.requests,
    lines: () => [...held.values()].filter((line) => !line.startsWith('spc_agent')),
    close: server.close,
  };
}

function answerOf(generation: Generation, lines: readonly string[], bad: readonly string[]) {
  const headers = { 'content-type': 'application/json' };
  const say = (status: number, body: unknown) => ({ status, headers, body: JSON.stringify(body) });
  switch (generation) {
    case 'v1':
      return say(400, { error: `partial write: field type conflict dropped=${bad.length}` });
    case 'v2-400':
      return say(400, { code: 'invalid', message: `unable to parse '${bad[0]}'`, line: 1 });
    case 'v2-422':
      return say(422, { code: 'unprocessable entity', message: 'field type conflict' });
    case 'v3-nothing':
      return say(400, {
        error: 'parsing failed for write_lp endpoint',
        data: namedOf(lines, bad)[0],
      });
    case 'v3-partial':
      return say(400, {
        error: 'partial write of line protocol occurred',
        data: namedOf(lines, bad),
      });
  }
}

function namedOf(lines: readonly string[], bad: readonly string[]) {
  return bad.slice(0, MOST_NAMED).map((line) => ({
    original_line: line.slice(0, 20),
    line_number: lines.indexOf(line) + 1,
    error_message: 'invalid column type',
  }));
}
