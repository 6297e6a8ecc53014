import { placeIn, running } from '../events.ts';
import type { ModbusServer } from '../modbus-server.ts';
import { startPace } from '../pace.ts';
import type { Plant, PlantOptions } from '../plant.ts';
import { startRtuServer } from '../rtu-server.ts';
import { createChenabModel, EVENTS, ROUND, SECONDS_PER_SHOT } from './model.ts';
import { createBanks, putBox, putPart, putShot } from './registers.ts';

/** Parts in a box; a box is inspected as one sample. */
const BOX = 100;
/** Shots whose result the press never shows; late enough for the agent to be listening. */
export const SKIPPED_SHOTS: readonly number[] = [28, 34, 35];

/** Demo plant P3: four stations on one serial line, Modbus RTU behind a gateway on TCP. */
export function createChenab(options: PlantOptions): Plant {
  const model = createChenabModel(options.seed, true);
  const banks = createBanks();
  let server: ModbusServer | null = null;
  let stop = () => {};
  let shots = 0;
  let parts = 0;
  let porous = 0;

  const next = () => {
    const casting = model.next();
    shots = casting.shot;
    if (!SKIPPED_SHOTS.includes(shots)) putShot(banks, casting);
    if (casting.warmUp) return;
    parts += 1;
    putPart(banks, casting, parts);
    if (casting.porous) porous += 1;
    if (parts % BOX > 0) return;
    putBox(banks, parts / BOX, porous);
    porous = 0;
  };

  return {
    async start() {
      server = await startRtuServer(banks);
      stop = startPace(SECONDS_PER_SHOT, options.speed, next);
      return { PLANT_MODBUS: `rtu+tcp://127.0.0.1:${server.port}` };
    },
    async stop() {
      stop();
      await server?.close();
    },
    figures: () => ({
      parts: shots,
      // A hole shows with the shot after it.
      skippedParts: SKIPPED_SHOTS.filter((shot) => shot < shots).length,
      events: running(EVENTS, placeIn(ROUND, Math.max(1, shots))),
    }),
  };
}
