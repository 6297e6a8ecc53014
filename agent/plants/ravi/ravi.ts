import { connectAsync, type MqttClient } from 'mqtt';
import { type Broker, startBroker } from '../broker.ts';
import { type ModbusServer, startModbusServer } from '../modbus-server.ts';
import type { Plant, PlantOptions } from '../plant.ts';
import { createRaviModel, EVENTS, ROUND, SECONDS_PER_PART, type Shaft } from './model.ts';
import { createBanks, putShaft } from './registers.ts';

/** The laboratory measures three shafts every two hours, and cuts one up every four. */
const LAB_EVERY_PARTS = 160;
const CUT_EVERY_PARTS = 320;
const LAB_PIECES = 3;
/** Early, so that the laboratory's charts are not empty for long. */
const FIRST_LAB_PART = 8;
/** Faster than this and the machines would finish parts within one poll of the agent. */
const SHORTEST_CYCLE_MS = 50;

/** Demo plant P1: machines over Modbus TCP, the laboratory's gauges over MQTT. */
export function createRavi(options: PlantOptions): Plant {
  const model = createRaviModel(options.seed, true);
  const banks = createBanks();
  let server: ModbusServer | null = null;
  let broker: Broker | null = null;
  let lab: MqttClient | null = null;
  let timer: NodeJS.Timeout | null = null;
  let parts = 0;
  let labSequence = 0;

  const publish = (shaft: Shaft, cut: boolean) => {
    labSequence += 1;
    const values = { hardness: shaft.hardness, roundness: shaft.roundness, ra: shaft.roughness };
    const v = cut ? { ...values, caseDepth: shaft.caseDepth } : values;
    const result = {
      ts: options.now(),
      seq: labSequence,
      part: 'kick-starter shaft',
      sn: `S${String(shaft.part).padStart(6, '0')}`,
      lot: `B${Math.floor(shaft.part / ROUND) + 1}`,
      v: Object.fromEntries(Object.entries(v).map(([k, x]) => [k, Number(x.toFixed(3))])),
    };
    lab?.publish('ravi/shafts/lab/result', JSON.stringify(result), { qos: 1 });
  };

  const next = () => {
    const shaft = model.next();
    parts = shaft.part;
    putShaft(banks, shaft);
    const since = shaft.part - FIRST_LAB_PART;
    if (since >= 0 && since % LAB_EVERY_PARTS < LAB_PIECES) {
      publish(shaft, since % CUT_EVERY_PARTS === 0);
    }
  };

  return {
    async start() {
      server = await startModbusServer(banks);
      broker = await startBroker();
      const mqttUrl = `mqtt://127.0.0.1:${broker.port}`;
      lab = await connectAsync(mqttUrl, { clientId: 'ravi-lab' });
      const cycleMs = Math.max(SHORTEST_CYCLE_MS, (SECONDS_PER_PART * 1000) / options.speed);
      const tick = () => {
        next();
        timer = setTimeout(tick, cycleMs);
      };
      next();
      timer = setTimeout(tick, cycleMs);
      return { PLANT_MODBUS: `tcp://127.0.0.1:${server.port}`, PLANT_MQTT: mqttUrl };
    },
    async stop() {
      if (timer !== null) clearTimeout(timer);
      await lab?.endAsync(true);
      await broker?.close();
      await server?.close();
    },
    figures() {
      const place = ((parts - 1) % ROUND) + 1;
      const running = Object.entries(EVENTS).filter(([, [a, b]]) => place >= a && place <= b);
      return { parts, skippedParts: 0, events: running.map(([name]) => name) };
    },
  };
}
