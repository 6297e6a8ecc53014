import { chenab } from './chenab/chenab.ts';
import { indus } from './indus/indus.ts';
import { margalla } from './margalla/margalla.ts';
import { ravi } from './ravi/ravi.ts';
import type { Wiring } from './shell.ts';

/** The demo plants by name: how they are wired, and the settings file that reads them. */
export const plants: Record<string, PlantKind> = {
  P1: {
    title: 'Ravi Auto Shafts (made up): turning, hardening, grinding; Modbus TCP and MQTT',
    settings: 'ravi-auto-shafts.yaml',
    wiring: ravi,
  },
  P2: {
    title: 'Indus Polymer (made up): injection moulding with eight cavities; MQTT',
    settings: 'indus-polymer.yaml',
    wiring: indus,
  },
  P3: {
    title: 'Chenab Die Cast (made up): die casting, bore, leak test; Modbus RTU over TCP',
    settings: 'chenab-die-cast.yaml',
    wiring: chenab,
  },
  P4: {
    title: 'Margalla EV Packs (made up): battery packs; Modbus TCP and MQTT',
    settings: 'margalla-ev-packs.yaml',
    wiring: margalla,
  },
};

export interface PlantKind {
  title: string;
  settings: string;
  wiring: Wiring;
}
