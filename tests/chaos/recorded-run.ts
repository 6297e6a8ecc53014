import { sleep } from '../../agent/runtime/retry.ts';
import { startAgentProcess } from './agent-process.ts';
import { connectPublisher, createLoad } from './load.ts';
import { drained, subscribed } from './scenario.ts';

const TICK_MS = 10;
const PER_TICK = 5;

/**
 * A whole agent under load from the broker and from a person who types values in; killed once in
 * the middle and ended in order at last, so that its first start, a recovery and an orderly end are
 * among what a power cut may hit.
 */
export async function runRecorded(o: {
  settings: string;
  dataDir: string;
  url: string;
  env: NodeJS.ProcessEnv;
  seed: number;
  ms: number;
}): Promise<{ sent: number; entered: number[]; problems: string[] }> {
  const load = createLoad(o.seed, 1_700_000_000_000);
  const publisher = await connectPublisher(o.url);
  const entered: number[] = [];
  let agent = startAgentProcess(o.settings, o.dataDir, { env: o.env });
  await subscribed(agent.url, 'recorded');
  for (const part of [0, 1]) {
    const address = await agent.url;
    let flowing = true;
    const flow = (async () => {
      while (flowing) {
        for (let i = 0; i < PER_TICK; i += 1) publisher.publish(load.next());
        await sleep(TICK_MS);
      }
    })();
    const end = performance.now() + o.ms / 2;
    for (let n = 1; performance.now() < end; n += 1) {
      const value = part * 10_000 + n;
      if (await enter(address, value)) entered.push(value);
    }
    flowing = false;
    await flow;
    if (part === 1) break;
    await agent.kill('SIGKILL');
    agent = startAgentProcess(o.settings, o.dataDir, { env: o.env });
  }
  while (publisher.taken() < publisher.given()) await sleep(20);
  await publisher.close();
  await drained(await agent.url, load.sent() + entered.length);
  await agent.kill('SIGTERM');
  const failures = agent.errors().match(/core-failed|store-failed|store-damaged/g) ?? [];
  return { sent: load.sent(), entered, problems: [...failures] };
}

/** Types a value in; true when the agent said that it is durable. */
async function enter(address: string, value: number): Promise<boolean> {
  const body = JSON.stringify({ characteristic: 'bore', value, operator: 'Sana', gauge: 'M1' });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${address}/api/readings`, { method: 'POST', headers, body });
  await answer.text();
  await sleep(15);
  return answer.ok;
}
