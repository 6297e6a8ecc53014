import { createChenab } from './chenab/chenab.ts';
import { createIndus } from './indus/indus.ts';
import { createMargalla } from './margalla/margalla.ts';
import type { Plant, PlantOptions } from './plant.ts';
import { createRavi } from './ravi/ravi.ts';

/** The demo plants by name: what makes them, and the settings file that reads them. */
export const plants: Record<string, PlantKind> = {
  P1: {
    title: 'Ravi Auto Shafts (made up): turning, hardening, grinding; Modbus TCP and MQTT',
    settings: 'ravi-auto-shafts.yaml',
    create: createRavi,
  },
  P2: {
    title: 'Indus Polymer (made up): injection moulding with eight cavities; MQTT',
    settings: 'indus-polymer.yaml',
    create: createIndus,
  },
  P3: {
    title: 'Chenab Die Cast (made up): die casting, bore, leak test; Modbus RTU over TCP',
    settings: 'chenab-die-cast.yaml',
    create: createChenab,
  },
  P4: {
    title: 'Margalla EV Packs (made up): battery packs; Modbus TCP and MQTT',
    settings: 'margalla-ev-packs.yaml',
    create: createMargalla,
  },
};

export interface PlantKind {
  title: string;
  settings: string;
  create(options: PlantOptions): Plant;
}
