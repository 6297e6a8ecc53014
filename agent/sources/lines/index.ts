import type { SourceHealth } from '../../model.ts';
import { kind } from '../../registry.ts';
import { type DeadLetter, deadLetters } from '../mqtt/dead-letters.ts';
import { createOutage } from '../mqtt/outage.ts';
import { createSilence, type Silence } from '../mqtt/silence.ts';
import type { Source, SourceContext } from '../source.ts';
import { createDeviceLine, type DeviceLine } from './line.ts';
import { type LineCounters, lineReader } from './reader.ts';
import { type LinesSettings, settings } from './settings.ts';
import { createSplitter } from './split.ts';

/** A source of lines also shows the last ones that it could not read. */
export interface LinesSource extends Source {
  deadLetters(): readonly DeadLetter[];
}

/** Results that a gauge sends as lines of text. */
export const lines = kind<typeof settings, SourceContext, Source>({
  settings,
  create: createLinesSource,
});

const TICK_MS = 100;
/** Lines kept while the agent catches up: nobody sends them again. */
const MOST_WAITING = 10_000;

interface Waiting {
  bytes: Buffer;
  whole: boolean;
  ms: number;
}

interface State {
  timer: NodeJS.Timeout | null;
  stopped: boolean;
  paused: boolean;
  waiting: Waiting[];
  lastMs: number | null;
  askAt: number;
  connections: number;
}

/** Puts the parts together: line, splitter, reader, watchdogs. */
export function createLinesSource(own: LinesSettings, context: SourceContext): LinesSource {
  const { clock } = context;
  const letters = deadLetters();
  const counters = startCounters();
  const read = lineReader(own, context, counters, letters);
  const splitter = createSplitter(own.line.maxBytes);
  const silence = watch(own, context);
  const outage = createOutage((severity, text) => tell(context, severity, text));
  const s: State = {
    timer: null,
    stopped: false,
    paused: false,
    waiting: [],
    lastMs: null,
    askAt: 0,
    connections: 0,
  };
  const take = ({ bytes, whole, ms }: Waiting) => {
    if (!read(bytes, whole, ms)) return;
    s.lastMs = ms;
    silence.heard(0, clock.monotonic());
  };
  const line = createDeviceLine({
    ...{ url: own.url, clock, random: context.random, log: context.log, dial: context.dial },
    data: (chunk) =>
      splitter.push(chunk, (bytes, whole) => {
        if (s.stopped) return;
        const one = { bytes: Buffer.from(bytes), whole, ms: clock.now() };
        if (!s.paused) take(one);
        else if (s.waiting.length < MOST_WAITING) s.waiting.push(one);
        else counters.droppedLines += 1;
      }),
    begun() {
      counters.reconnects = s.connections;
      s.connections += 1;
      splitter.clear();
      silence.listening(clock.monotonic());
    },
  });
  const tick = () => {
    const now = clock.monotonic();
    line.tick(now);
    ask(s, own, line, counters, now);
    if (!line.up()) silence.deaf();
    else watchSilence(silence, line, now);
    outage.tick(line.fault() !== '', line.fault(), now);
  };
  return {
    start() {
      if (s.timer !== null || s.stopped) return;
      s.timer = setInterval(tick, TICK_MS);
      line.open();
    },
    async stop() {
      s.stopped = true;
      if (s.timer !== null) clearInterval(s.timer);
      line.close();
    },
    // Nothing can be acknowledged: a gauge has no memory.
    committed() {},
    pause(on) {
      s.paused = on;
      if (on || s.stopped) return;
      for (const one of s.waiting.splice(0)) take(one);
    },
    deadLetters: letters.list,
    health: () => healthOf(s, context.name, line, silence, letters.list(), counters),
  };
}

/** A serial server that went away without a word looks like a device that is silent. */
function watchSilence(silence: Silence, line: DeviceLine, now: number): void {
  const before = silence.silent().size;
  silence.tick(now);
  if (silence.silent().size > before) line.renew('silent for three times expectEvery');
}

function ask(s: State, own: LinesSettings, line: DeviceLine, c: LineCounters, now: number): void {
  if (own.request === undefined || s.paused || !line.up() || now < s.askAt) return;
  // Late ticks are not made up for: two requests in a row would be answered by one result.
  s.askAt = Math.max(s.askAt + own.request.every, now + own.request.every - TICK_MS);
  c.requests += 1;
  line.write(own.request.send);
}

function watch(own: LinesSettings, context: SourceContext): Silence {
  const everyMs = own.expectEvery === 0 ? null : own.expectEvery;
  return createSilence({
    entries: [{ topic: own.gauge ?? own.url, everyMs }],
    what: 'gauge',
    report: (severity, text) => tell(context, severity, text),
  });
}

function tell(context: SourceContext, severity: 'warning' | 'info', text: string): void {
  const kind = severity === 'info' ? 'note' : 'device';
  context.report({ kind, severity, text, timeMs: context.clock.now() });
}

function healthOf(
  s: State,
  name: string,
  line: DeviceLine,
  silence: Silence,
  letters: readonly DeadLetter[],
  counters: LineCounters,
): SourceHealth {
  const silent = silence.silent().size > 0;
  const last = letters.at(-1);
  const details = [
    line.fault(),
    silent ? 'silent' : '',
    last === undefined ? '' : `not read: '${last.sample}': ${last.reason}`,
  ];
  const state = line.up()
    ? silent
      ? 'degraded'
      : 'up'
    : line.fault() === ''
      ? 'connecting'
      : 'down';
  return {
    name,
    kind: 'lines',
    state: s.stopped ? 'stopped' : state,
    detail: s.stopped ? '' : details.filter((text) => text !== '').join('; '),
    sinceMs: line.sinceMs(),
    lastDataMs: s.lastMs,
    counters: { ...counters, waitingLines: s.waiting.length },
    parts: [],
  };
}

function startCounters(): LineCounters {
  return {
    lines: 0,
    readings: 0,
    badLines: 0,
    skippedLines: 0,
    unknownUnits: 0,
    droppedLines: 0,
    requests: 0,
    reconnects: 0,
  };
}
