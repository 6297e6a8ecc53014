import { connectAsync, type MqttClient } from 'mqtt';
import { type Broker, startBroker } from '../broker.ts';
import { placeIn, running } from '../events.ts';
import { startPace } from '../pace.ts';
import type { Plant, PlantOptions } from '../plant.ts';
import { createStation, type Station } from '../station.ts';
import {
  createIndusModel,
  EVENTS,
  ROUND,
  SECONDS_PER_SHOT,
  SHOTS_PER_BOX,
  SHOTS_PER_LOT,
  type Shot,
} from './model.ts';

/** The camera measures four shots of every 125, a scale one shot an hour. */
const VISION_SHOTS = 4;
const FIRST_VISION_SHOT = 8;
const WEIGH_EVERY = 128;
const FIRST_WEIGHED = 10;
/** Five parts a shift are pulled apart. */
const PULLED_EVERY = SHOTS_PER_LOT / 5;
const FIRST_PULLED = 14;
/** Resin is tested when a lot begins to run. */
const MOISTURE_AT = 12;
/** Shots whose result the machine never sends; late enough for the agent to be listening. */
export const SKIPPED_SHOTS: readonly number[] = [40, 54, 55];

interface Stations {
  machine: Station;
  vision: Station;
  scale: Station;
  lab: Station;
  inspection: Station;
}

/** Demo plant P2: machine, camera, scale, laboratory and inspection, all over MQTT. */
export function createIndus(options: PlantOptions): Plant {
  const model = createIndusModel(options.seed, true);
  let broker: Broker | null = null;
  let client: MqttClient | null = null;
  let stop = () => {};
  let shots = 0;
  let flawed = 0;

  const next = (stations: Stations) => {
    const shot = model.next();
    shots = shot.shot;
    flawed += shot.flawed;
    report(stations, shot);
    if (shots % SHOTS_PER_BOX === 0) {
      stations.inspection.send({ flawed }, { lot: lotOf(shot) });
      flawed = 0;
    }
  };

  return {
    async start() {
      broker = await startBroker();
      const url = `mqtt://127.0.0.1:${broker.port}`;
      const mqtt = await connectAsync(url, { clientId: 'indus-cell' });
      client = mqtt;
      const station = (name: string) =>
        createStation(mqtt, `indus/moulding/${name}/result`, options.now);
      const stations = {
        machine: station('machine'),
        vision: station('vision'),
        scale: station('scale'),
        lab: station('lab'),
        inspection: station('inspection'),
      };
      stop = startPace(SECONDS_PER_SHOT, options.speed, () => next(stations));
      return { PLANT_MQTT: url };
    },
    async stop() {
      stop();
      await client?.endAsync(true);
      await broker?.close();
    },
    figures: () => ({
      parts: shots,
      // A hole shows with the shot after it.
      skippedParts: SKIPPED_SHOTS.filter((shot) => shot < shots).length,
      events: running(EVENTS, placeIn(ROUND, Math.max(1, shots))),
    }),
  };
}

/** What every station says about one shot. */
function report(stations: Stations, shot: Shot): void {
  const about = { part: 'connector housing', sn: serialOf(shot), lot: lotOf(shot) };
  const { cushion, peakPressure, cycle, mouldT } = shot;
  if (SKIPPED_SHOTS.includes(shot.shot)) stations.machine.skip();
  else stations.machine.send({ cushion, peakPressure, cycle, mouldT }, about);
  const box = shot.shot - FIRST_VISION_SHOT;
  if (box >= 0 && box % SHOTS_PER_BOX < VISION_SHOTS) {
    shot.pitch.forEach((micron, i) => {
      stations.vision.send({ pitch: 18.2 + micron / 1000 }, { ...about, cav: i + 1 });
    });
  }
  if (isEvery(shot, FIRST_WEIGHED, WEIGH_EVERY))
    stations.scale.send({ weight: shot.weight }, about);
  if (isEvery(shot, FIRST_PULLED, PULLED_EVERY))
    stations.lab.send({ pullOut: shot.pullOut }, about);
  if (isEvery(shot, MOISTURE_AT, SHOTS_PER_LOT)) {
    stations.lab.send({ moisture: shot.moisture }, about);
  }
}

const isEvery = ({ shot }: Shot, first: number, every: number) =>
  shot >= first && (shot - first) % every === 0;

const serialOf = (shot: Shot) => `H${String(shot.shot).padStart(6, '0')}`;
const lotOf = (shot: Shot) => `R${String(shot.lot).padStart(3, '0')}`;
