import { inputTags } from '../core/cycles/plan.ts';
import { loadSettings } from '../settings/load.ts';
import { requestMs } from '../sources/modbus/cost.ts';
import { type PlannedRequest, planOf } from '../sources/modbus/index.ts';
import type { Settings as ModbusSettings } from '../sources/modbus/settings.ts';
import { targetOf } from '../sources/modbus/transport/target.ts';
import { type Command, EXIT, type Terminal } from './command.ts';
import { numberOption } from './options.ts';

/** One request with what it costs the link. */
interface Cost extends PlannedRequest {
  source: string;
  /** ms the link is taken by it */
  ms: number;
  /** part of the time the link is taken by it, in % */
  loadPercent: number;
}

/** What an agent will ask of its PLCs, before it does. */
export const plan: Command = {
  summary: 'the Modbus requests of a settings file and what they cost',
  usage: 'FILE [--turnaround MS] [--rtt MS] [--json]',
  help: [
    'FILE              the settings file (YAML)',
    '--turnaround MS   time a device takes before it answers, about one scan (default: 10)',
    '--rtt MS          time of the network there and back (default: 1)',
    '--json            print {requests: […], links: [{source, url, requests, loadPercent, units}]}',
    '',
    'exit code 0: fits; 1: a link has more to do than there is time',
  ],
  example: 'meyar plan config/ravi-auto-shafts.yaml --turnaround 20',
  options: {
    turnaround: { type: 'string' },
    rtt: { type: 'string' },
    json: { type: 'boolean' },
  },
  positionals: [1, 1],
  async run([file = ''], values, terminal) {
    const settings = loadSettings(file, terminal.env);
    const model = {
      turnaroundMs: numberOption(values, 'turnaround') ?? 10,
      roundTripMs: numberOption(values, 'rtt') ?? 1,
    };
    const read = new Set(
      [
        ...Object.values(settings.characteristics),
        ...inputTags(settings.characteristics, settings.cycles),
      ].map((row) => `${row.source} ${row.tag}`),
    );
    const requests: Cost[] = [];
    const links = [];
    for (const [source, any] of Object.entries(settings.sources)) {
      if (any.kind !== 'modbus') continue;
      const own = any as unknown as ModbusSettings;
      const target = targetOf(own.url);
      const planned = planOf(own, (tag) => read.has(`${source} ${tag}`)).map((request) => {
        const ms = requestMs(target, request.bytes, model) + own.pauseBetween;
        return { source, ...request, ms, loadPercent: (100 * ms) / request.everyMs };
      });
      requests.push(...planned);
      links.push(linkOf(source, own.url, planned));
    }
    if (values['json'] === true) terminal.out(JSON.stringify({ requests, links }));
    else print(requests, links, terminal);
    return links.some((link) => link.loadPercent > 100) ? EXIT.foundWrong : EXIT.done;
  },
};

interface LinkCost {
  source: string;
  url: string;
  requests: number;
  /** requests a second, bytes a second, part of the time the link is taken */
  perSecond: number;
  bytesPerSecond: number;
  loadPercent: number;
  units: { unit: number; name: string; loadPercent: number }[];
}

function linkOf(source: string, url: string, planned: Cost[]): LinkCost {
  const sum = (f: (c: Cost) => number, list = planned) => list.reduce((n, c) => n + f(c), 0);
  const ids = [...new Set(planned.map((c) => c.unit))];
  return {
    source,
    url,
    requests: planned.length,
    perSecond: sum((c) => 1000 / c.everyMs),
    bytesPerSecond: sum((c) => (1000 * c.bytes) / c.everyMs),
    loadPercent: sum((c) => c.loadPercent),
    units: ids.map((unit) => {
      const own = planned.filter((c) => c.unit === unit);
      const loadPercent = sum((c) => c.loadPercent, own);
      return { unit, name: own[0]?.unitName ?? '', loadPercent };
    }),
  };
}

function print(requests: Cost[], links: LinkCost[], terminal: Terminal): void {
  if (links.length === 0) terminal.out('no Modbus source in this file');
  const percent = (n: number) => `${n.toFixed(n < 10 ? 1 : 0)} %`;
  for (const link of links) {
    terminal.out(
      `${link.source} (${link.url}): ${link.requests} requests, ` +
        `${link.perSecond.toFixed(1)}/s, ${Math.round(link.bytesPerSecond)} bytes/s, ` +
        `link taken ${percent(link.loadPercent)}`,
    );
    for (const c of requests.filter((r) => r.source === link.source)) {
      const where = `unit ${c.unit} (${c.unitName}) FC${c.functionCode} ${c.table} ${c.address}`;
      terminal.out(
        `  ${where}+${c.length} every ${c.everyMs} ms: ${c.bytes} bytes, ${c.ms.toFixed(1)} ms, ` +
          `${percent(c.loadPercent)}${c.unused > 0 ? `, ${c.unused} unused` : ''}: ` +
          c.reads.join(', '),
      );
    }
    if (link.units.length > 1) {
      const shares = link.units.map((u) => `${u.name} ${percent(u.loadPercent)}`);
      terminal.out(`  by unit: ${shares.join(', ')}`);
    }
    if (link.loadPercent > 100) terminal.out('  more than there is time for: poll less often');
  }
}
