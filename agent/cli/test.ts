import { inputTags } from '../core/cycles/plan.ts';
import { QUALITY } from '../model.ts';
import { parseDuration } from '../runtime/duration.ts';
import { InputError } from '../runtime/errors.ts';
import { silentLog } from '../runtime/log.ts';
import { sleep } from '../runtime/retry.ts';
import { type FloatBits, shortest } from '../runtime/shortest.ts';
import { loadSettings } from '../settings/load.ts';
import type { Settings } from '../settings/schema.ts';
import { sources as kinds } from '../sources/index.ts';
import { floatBits } from '../sources/modbus/float-bits.ts';
import type { Settings as ModbusSettings } from '../sources/modbus/settings.ts';
import type { Source } from '../sources/source.ts';
import { type Command, EXIT, type Terminal } from './command.ts';
import { textOption } from './options.ts';

/** One reading as people and machines look at it. */
interface Seen {
  source: string;
  characteristic: string;
  tag: string;
  value: number | null;
  quality: string;
  sourceTime: string;
  receiveTime: string;
  sequence: number | null;
}

/** One cycle of every source to the screen. Nothing is stored, acknowledged or written to a PLC. */
export const test: Command = {
  summary: 'read every source once and print what came',
  usage: 'FILE [--for 10s] [--json]',
  help: [
    'FILE        the settings file (YAML)',
    '--for TIME  longest wait for a reading of every tag (default: 10s)',
    '            of an MQTT source one message of each topic is shown, as it came',
    '--json      print [{characteristic, tag, value, quality, sourceTime, receiveTime, sequence}]',
    '',
    'exit code 0: every tag gave a good value; 1: some did not',
  ],
  example: 'meyar test config/ravi-auto-shafts.yaml --for 30s',
  options: { for: { type: 'string' }, json: { type: 'boolean' } },
  positionals: [1, 1],
  async run([file = ''], values, terminal) {
    const text = textOption(values, 'for') ?? '10s';
    const waitMs = parseDuration(text);
    if (waitMs === undefined) throw new InputError(`--for ${text}: a duration such as 10s`);
    const settings = loadSettings(file, terminal.env);
    const seen = new Map<string, Seen>();
    const shown = new Map<string, string>();
    const sources = Object.keys(settings.sources).map((name) =>
      open(name, settings, { seen, shown }, terminal),
    );
    const endMs = terminal.clock.monotonic() + waitMs;
    const wanted = readTags(settings).map(([id]) => id);
    const enough = () => wanted.every((id) => seen.get(id)?.quality === 'GOOD');
    while (!enough() && terminal.clock.monotonic() < endMs) await sleep(20);
    const details = sources.map((source) => source.health());
    await Promise.all(sources.map((source) => source.stop()));
    const rows = wanted.flatMap((id) => seen.get(id) ?? []);
    if (values['json'] === true) terminal.out(JSON.stringify(rows));
    else {
      for (const [topic, text] of [...shown].sort()) terminal.out(`${topic} <- ${text}`);
      const bits = widths(settings);
      for (const row of rows) terminal.out(say(row, bits.get(`${row.source} ${row.tag}`) ?? null));
      for (const id of wanted.filter((one) => !seen.has(one)))
        terminal.out(sayNothing(id, settings, text));
      for (const h of details) terminal.out(saySource(h));
    }
    return enough() ? EXIT.done : EXIT.foundWrong;
  },
};

const QUALITY_NAMES = new Map(
  Object.entries(QUALITY).map(([word, code]) => [code as number, word]),
);

/** Every tag that is read, under its characteristic; those of cycles alone under their own name. */
function readTags({ characteristics, cycles }: Settings): [string, ReadTag][] {
  const plain = Object.entries(characteristics).filter(([, row]) => row.feature === undefined);
  const key = ({ source, tag }: ReadTag) => `${source} ${tag}`;
  const known = new Set(plain.map(([, row]) => key(row)));
  const more = inputTags(characteristics, cycles).filter((input) => !known.has(key(input)));
  return [...plain, ...more.map((input): [string, ReadTag] => [input.id, input])];
}

type ReadTag = Record<'source' | 'tag', string>;

/** What came so far: the last reading of each characteristic, the last message of each topic. */
interface Looks {
  seen: Map<string, Seen>;
  shown: Map<string, string>;
}

const MOST_TOPICS = 50;
const MOST_SHOWN = 160;

function open(
  name: string,
  settings: Settings,
  { seen, shown }: Looks,
  terminal: Terminal,
): Source {
  const rows = readTags(settings).filter(([, row]) => row.source === name);
  const tags = rows.map(([, row]) => row.tag);
  let count = 0;
  const source = kinds.create(onlyLooking(settings.sources[name] as Settings['sources'][string]), {
    name: `${name}-test`,
    site: settings.plant.site,
    tags,
    tagNumber: (tag) => tags.indexOf(tag),
    deliver(d) {
      const iso = (ms: number) => new Date(ms).toISOString();
      for (let i = 0; i < d.count; i += 1) {
        const [id = '', row] = rows[d.tag[i] ?? -1] ?? [];
        const [value = Number.NaN, sequence = Number.NaN] = [d.value[i], d.sequence[i]];
        seen.set(id, {
          source: name,
          characteristic: id,
          tag: row?.tag ?? '',
          value: Number.isFinite(value) ? value : null,
          quality: QUALITY_NAMES.get(d.quality[i] ?? -1) ?? String(d.quality[i]),
          sourceTime: iso(d.sourceMs[i] ?? d.receiveMs),
          receiveTime: iso(d.receiveMs),
          sequence: Number.isNaN(sequence) ? null : sequence,
        });
      }
      count += 1;
      return count;
    },
    deliverEvent() {
      count += 1;
      return count;
    },
    looking: {
      message(topic, payload) {
        const at = `${name} ${topic}`;
        if (shown.has(at) || shown.size < MOST_TOPICS) shown.set(at, sample(payload));
      },
    },
    report() {},
    clock: terminal.clock,
    random: Math.random,
    log: silentLog,
  });
  source.start();
  return source;
}

/** The beginning of a message, as far as it is text. */
function sample(payload: Buffer): string {
  const text = payload
    .subarray(0, 4 * MOST_SHOWN)
    .toString()
    .slice(0, MOST_SHOWN);
  if (text.includes('\uFFFD')) return `${payload.length} bytes that are no text`;
  const plain = text.replace(/\p{Cc}+/gu, ' ');
  return payload.length > MOST_SHOWN ? `${plain} … (${payload.length} bytes)` : plain;
}

/** A look must not write to a PLC, nor take the broker's session from the agent that runs. */
function onlyLooking<T extends { kind: string } & Record<string, unknown>>(settings: T): T {
  const { units, clientId } = settings as { units?: object[]; clientId?: string };
  return {
    ...settings,
    ...(units ? { units: units.map((unit) => ({ ...unit, writes: false })) } : {}),
    ...(clientId ? { clientId: `${clientId}-test` } : {}),
  };
}

/** By source and tag, how wide its floating-point numbers are, where the settings say it. */
function widths({ sources }: Settings): Map<string, FloatBits> {
  return new Map(
    Object.entries(sources).flatMap(([name, source]) =>
      source.kind === 'modbus'
        ? [...floatBits(source as unknown as ModbusSettings)].map(
            ([tag, bits]): [string, FloatBits] => [`${name} ${tag}`, bits],
          )
        : [],
    ),
  );
}

function say(r: Seen, bits: FloatBits): string {
  const value = r.value === null ? 'no value' : shortest(r.value, bits);
  const counted = r.sequence === null ? '' : ` #${r.sequence}`;
  const why = WHY[r.quality] ?? `of quality ${r.quality}`;
  const quality = r.quality === 'GOOD' ? '' : ` (${r.quality}: ${why})`;
  return `${r.characteristic} (${r.source} ${r.tag}): ${value}${quality}${counted} ${r.sourceTime}`;
}

/** What a quality means for the person who looks. */
const WHY: Record<string, string> = {
  UNCERTAIN_LATE: 'stored by the machine, history',
  UNCERTAIN_CLOCK: 'its time cannot be right, the time of receipt was taken',
  UNCERTAIN_ALIAS: 'read by a name that its node gave before we were away',
  BAD_CONFIG: 'the device refuses this request: look at table, address and type',
  BAD_ADDRESS: 'the device has no such address: look at address and table',
  BAD_DEVICE: 'the device says that it is faulty',
  BAD_BUSY: 'the device is busy',
  BAD_TIMEOUT: 'the device does not answer in time: look at the unit number',
  BAD_LINK: 'no connection',
  BAD_SENTINEL: 'the device says that it has no value',
  BAD_RANGE: 'beyond min and max of the field: look at byte order, address and scale',
  BAD_VALUE: 'what stands there is no number',
  STALE: 'too old',
};

function sayNothing(id: string, settings: Settings, forText: string): string {
  const row = settings.characteristics[id];
  return (
    `${id} (${row?.source} ${row?.tag}): nothing came in ${forText} — does the machine run, and does the tag ` +
    'stand as it is written here in the settings of its source? A longer look: --for 5m'
  );
}

function saySource(h: { name: string; state: string; detail: string }): string {
  const name = h.name.replace(/-test$/, '');
  const state = h.state === 'up' ? 'connected' : h.state === 'down' ? 'not connected' : h.state;
  return `source ${name}: ${state}${h.detail === '' ? '' : `: ${h.detail}`}`;
}
