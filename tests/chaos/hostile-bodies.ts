import type { Random } from '../../agent/plants/random.ts';
import { testConsole } from '../console/console-app.ts';
import { fakeView } from '../support/fake-view.ts';
import { hostilePayload, numbersIn } from './hostile-bytes.ts';

const POSTS = [
  '/api/readings',
  '/api/events',
  '/api/alerts/42/acknowledge',
  '/api/reactions/x/arm',
  '/api/characteristics/od/limits/1/approve',
];
const GETS = [
  '/../../../etc/passwd',
  '/..%2f..%2fetc/passwd',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/%00',
  '/assets/..%5c..%5cpackage.json',
  '/api/characteristics/__proto__',
  '/api/characteristics/constructor/points',
  '/api/characteristics/%00/points',
  '/api/characteristics/..%2f..%2fx',
  '/api/alerts?limit=1e309',
  '/api/alerts?limit=-1',
  '/api/events?limit=__proto__',
  `/api/characteristics/${'x'.repeat(500)}`,
];

/** Bodies and addresses sent to the API: refused or taken, never a fault of the agent. */
export async function hostileBodies(
  random: Random,
  count: number,
  say: (line: string) => void,
): Promise<string[]> {
  const view = fakeView();
  // A minute between two requests: otherwise the limit of requests answers, and nothing else.
  let nowMs = Date.UTC(2026, 2, 1);
  const clock = { now: () => nowMs, monotonic: () => nowMs };
  const { app, close } = testConsole(view, { clock });
  const answers = new Map<number, number>();
  const problems: string[] = [];
  const note = (status: number, what: string) => {
    answers.set(status, (answers.get(status) ?? 0) + 1);
    if (status >= 500) problems.push(`${status} for ${what}`);
  };
  const known = view.characteristics()[0]?.id ?? 'od';
  for (let i = 0; i < count; i += 1) {
    const url = POSTS[i % POSTS.length] ?? '';
    const evil = hostilePayload(random).toString('latin1');
    const [value = '"1e309"'] = /-?\d[\d.,]*(?:[eE][-+]?\d+)?|"[^"]*"/.exec(evil) ?? [];
    const typed = `{"characteristic":"${known}","value":${value},"operator":"a","gauge":"g"}`;
    const payload = i % 3 === 0 ? typed : evil;
    nowMs += 60_000;
    const before = view.entered.length;
    const headers = { 'content-type': 'application/json', host: 'localhost' };
    const answer = await app.inject({ method: 'POST', url, payload, headers });
    note(answer.statusCode, `${url} ${payload.slice(0, 100)}`);
    for (const { value: taken } of view.entered.slice(before)) {
      if (!Number.isFinite(taken) || !numbersIn(Buffer.from(payload)).has(taken)) {
        problems.push(`${taken} was typed in by ${payload.slice(0, 100)}`);
      }
    }
  }
  for (const url of GETS) {
    const answer = await app.inject({ url, headers: { host: 'localhost' } });
    note(answer.statusCode, url);
    if (/root:|"dependencies"/.test(answer.body)) problems.push(`${url} gave a file away`);
  }
  await close();
  if (view.entered.length === 0) problems.push('no body was taken: the check checks nothing');
  const said = [...answers].sort().map(([status, n]) => `${n} × ${status}`);
  say(`API: ${count} bodies, ${GETS.length} addresses: ${said.join(', ')}`);
  return problems.slice(0, 5);
}
