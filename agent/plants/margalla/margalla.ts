import { connectAsync, type MqttClient } from 'mqtt';
import { type Broker, startBroker } from '../broker.ts';
import { placeIn, running } from '../events.ts';
import { type ModbusServer, putFloat, putUint32, startModbusServer } from '../modbus-server.ts';
import { startPace } from '../pace.ts';
import type { Plant, PlantOptions } from '../plant.ts';
import { createStation, type Station } from '../station.ts';
import {
  CELLS,
  type Cell,
  createMargallaModel,
  EVENTS,
  type Pack,
  ROUND,
  SECONDS_PER_CELL,
} from './model.ts';

/** Cells whose test result is never shown; late enough for the agent to be listening. */
export const SKIPPED_CELLS: readonly number[] = [44, 58];
/** Screws whose result is never sent: another station, another counter. */
export const SKIPPED_SCREWS: readonly number[] = [50];

/**
 * Result block of the cell tester, unit 1: +0 counter (uint32), +2 status, +3 cell lot, +6 … OCV in mV,
 * OCV from the median of its lot in mV, ACIR in mΩ, K-value in mV/d, its logarithm (float32).
 */
const TESTER = 1;
const REGISTERS = 32;
/** Packs in a sample of the first-pass yield: one shift. */
const PACKS_PER_SHIFT = 80;

interface Stations {
  weld: Station;
  screw: Station;
  filler: Station;
  eol: Station;
}

/** Demo plant P4: the cell tester over Modbus TCP, the line's other stations over MQTT. */
export function createMargalla(options: PlantOptions): Plant {
  const model = createMargallaModel(options.seed, true);
  const bank = new Uint16Array(REGISTERS);
  let server: ModbusServer | null = null;
  let broker: Broker | null = null;
  let client: MqttClient | null = null;
  let stop = () => {};
  let cells = 0;
  let failed = 0;

  const finishPack = (stations: Stations, number: number, pack: Pack) => {
    const { isolation } = pack;
    stations.eol.send({ isolation, logIsolation: Math.log10(isolation) }, aboutPack(number));
    if (pack.failed) failed += 1;
    if (number % PACKS_PER_SHIFT > 0) return;
    stations.eol.send({ failed });
    failed = 0;
  };

  const next = (stations: Stations) => {
    const cell = model.next();
    cells = cell.cell;
    if (!SKIPPED_CELLS.includes(cells)) putCell(bank, cell);
    assemble(stations, cell);
    if (cells % CELLS === 0) finishPack(stations, cell.pack, model.pack());
  };

  return {
    async start() {
      server = await startModbusServer(new Map([[TESTER, bank]]));
      broker = await startBroker();
      const mqttUrl = `mqtt://127.0.0.1:${broker.port}`;
      const mqtt = await connectAsync(mqttUrl, { clientId: 'margalla-line' });
      client = mqtt;
      const station = (name: string) =>
        createStation(mqtt, `margalla/packs/${name}/result`, options.now);
      const stations = {
        weld: station('weld'),
        screw: station('screw'),
        filler: station('filler'),
        eol: station('eol'),
      };
      stop = startPace(SECONDS_PER_CELL, options.speed, () => next(stations));
      return { PLANT_MODBUS: `tcp://127.0.0.1:${server.port}`, PLANT_MQTT: mqttUrl };
    },
    async stop() {
      stop();
      await client?.endAsync(true);
      await broker?.close();
      await server?.close();
    },
    figures: () => ({
      parts: cells,
      // A hole shows with the cell after it.
      skippedParts: [...SKIPPED_CELLS, ...SKIPPED_SCREWS].filter((cell) => cell < cells).length,
      events: running(EVENTS, placeIn(ROUND, Math.max(1, cells))),
    }),
  };
}

function putCell(bank: Uint16Array, cell: Cell): void {
  putUint32(bank, 0, cell.cell);
  bank[2] = 1;
  bank[3] = cell.lot;
  const ocv = 3295.5 + cell.ocv;
  const values = [ocv, cell.ocvOfLot, cell.acir, cell.kValue, Math.log(cell.kValue)];
  values.forEach((value, i) => {
    putFloat(bank, 6 + 2 * i, value);
  });
}

/** Weld, screw and gap filler of one cell, each counted by its own station. */
function assemble({ weld, screw, filler }: Stations, cell: Cell): void {
  const about = aboutPack(cell.pack);
  const corrected = cell.weldCorrected;
  weld.send({ resistance: cell.weld, corrected }, { ...about, lens: cell.lens });
  if (SKIPPED_SCREWS.includes(cell.cell)) screw.skip();
  else screw.send({ torque: cell.torque, angle: cell.angle }, about);
  filler.send({ mass: cell.gapFiller }, about);
}

const aboutPack = (pack: number) => ({
  part: '48 V pack',
  sn: `M${String(pack).padStart(5, '0')}`,
});
