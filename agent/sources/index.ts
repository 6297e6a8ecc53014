import { registry } from '../registry.ts';
import { file } from './file/index.ts';
import { lines } from './lines/index.ts';
import { manual } from './manual/index.ts';
import { modbus } from './modbus/index.ts';
import { mqtt } from './mqtt/index.ts';
import type { Source, SourceContext } from './source.ts';
import { sparkplug } from './sparkplug/index.ts';

/** Every kind of source. A new one is a folder and a line here. */
export const sources = registry<SourceContext, Source>({
  modbus,
  mqtt,
  sparkplug,
  file,
  lines,
  manual,
});
