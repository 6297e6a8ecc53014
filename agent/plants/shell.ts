import { connectAsync, type MqttClient } from 'mqtt';
import { type Broker, startBroker } from './broker.ts';
import { type ModbusServer, startModbusServer } from './modbus-server.ts';
import { startPace } from './pace.ts';
import type { CreateLine, Line, Plant, PlantOptions } from './plant.ts';
import { startRtuServer } from './rtu-server.ts';
import { createMachine, createStation, type ResultBlock, type Stations } from './station.ts';

/** How the stations of a line are reached: machines by Modbus, the others by MQTT. */
export interface Wiring {
  secondsPerStep: number;
  line: CreateLine;
  /** stations that show their results in registers, one unit each */
  machines: Readonly<Record<string, { unit: number; block: ResultBlock }>>;
  /** how the machines are reached; a serial line stands behind a gateway */
  modbus?: 'tcp' | 'rtu+tcp';
  /** other stations publish below this topic; without it there are none */
  topic?: string;
}

/** A demo plant: its line with the servers that the agent talks to. */
export function createPlant(wiring: Wiring, options: PlantOptions): Plant {
  const machines = new Map(
    Object.entries(wiring.machines).map(([name, { unit, block }]) => [
      name,
      { unit, ...createMachine(block) },
    ]),
  );
  let server: ModbusServer | null = null;
  let broker: Broker | null = null;
  let client: MqttClient | null = null;
  let line: Line | null = null;
  let stopPace = () => {};

  const stations: Stations = (name) => {
    const machine = machines.get(name);
    if (machine !== undefined) return machine.station;
    if (client === null) throw new Error(`station ${name} has neither registers nor a topic`);
    return createStation(client, `${wiring.topic}/${name}`, options.now);
  };

  return {
    async start() {
      const addresses: Record<string, string> = {};
      if (machines.size > 0) {
        const banks = new Map([...machines.values()].map(({ unit, bank }) => [unit, bank]));
        const kind = wiring.modbus ?? 'tcp';
        const start = kind === 'tcp' ? startModbusServer : startRtuServer;
        server = await start(banks, (unit) => {
          for (const machine of machines.values()) if (machine.unit === unit) machine.read();
        });
        addresses['PLANT_MODBUS'] = `${kind}://127.0.0.1:${server.port}`;
      }
      if (wiring.topic !== undefined) {
        broker = await startBroker();
        addresses['PLANT_MQTT'] = `mqtt://127.0.0.1:${broker.port}`;
        const clientId = wiring.topic.replaceAll('/', '-');
        client = await connectAsync(addresses['PLANT_MQTT'], { clientId });
      }
      line = wiring.line(stations, { seed: options.seed, events: true });
      return addresses;
    },
    produce() {
      const made = line;
      if (made === null) throw new Error('the plant has not been started');
      stopPace();
      const seen = () => [...machines.values()].every((machine) => machine.seen());
      stopPace = startPace(wiring.secondsPerStep, options.speed, () => made.step(), seen);
    },
    async stop() {
      stopPace();
      await client?.endAsync(true);
      await broker?.close();
      await server?.close();
    },
    figures: () => line?.figures() ?? { parts: 0, skippedParts: 0, events: [] },
  };
}
