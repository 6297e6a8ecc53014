import type { Metric } from './view.ts';

/** What there is to say about the pages that listen. */
interface LiveFigures {
  clients: number;
  bufferedBytes: number;
  dropped: number;
  collapsed: number;
}

/** The figures of the live stream for `/metrics`. */
export function liveMetrics(figures: LiveFigures): Metric[] {
  const metric = (name: string, type: Metric['type'], value: number, help: string): Metric => ({
    ...{ name: `meyar_console_${name}`, help, type },
    samples: [{ labels: {}, value }],
  });
  const { clients, bufferedBytes, dropped, collapsed } = figures;
  return [
    metric('clients', 'gauge', clients, 'Pages connected to the live stream.'),
    metric('buffered_bytes', 'gauge', bufferedBytes, 'Bytes that wait for pages to read them.'),
    metric(
      'clients_dropped_total',
      'counter',
      dropped,
      'Pages dropped because they read too slowly.',
    ),
    metric(
      'changes_collapsed_total',
      'counter',
      collapsed,
      'Changes left out for slow pages, which get a new snapshot instead.',
    ),
  ];
}
