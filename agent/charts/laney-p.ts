import { countChart } from './counts.ts';

/** Share of defective parts where samples differ by more than chance (Laney 2002). */
export const laneyP = countChart({ kind: 'laney-p', model: 'binomial', total: false, laney: true });
