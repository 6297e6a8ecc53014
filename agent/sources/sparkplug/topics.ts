/** What a Sparkplug topic says: namespace/group/type/node[/device]. */
export interface Address {
  group: string;
  type: MessageType;
  node: string;
  /** '' for the node itself */
  device: string;
}

export type MessageType = 'NBIRTH' | 'NDATA' | 'NDEATH' | 'DBIRTH' | 'DDATA' | 'DDEATH';

export const NAMESPACE = 'spBv1.0';
export const TYPES: readonly MessageType[] = [
  'NBIRTH',
  'NDATA',
  'NDEATH',
  'DBIRTH',
  'DDATA',
  'DDEATH',
];

/** Parts of a topic; null when it is not one of the six messages a host reads. */
export function addressOf(topic: string): Address | null {
  const [namespace, group = '', type, node = '', device = '', more] = topic.split('/');
  if (namespace !== NAMESPACE || group === '' || node === '' || more !== undefined) return null;
  const found = TYPES.find((one) => one === type);
  if (found === undefined || found.startsWith('D') !== (device !== '')) return null;
  return { group, type: found, node, device };
}

/** Filters for the nodes that are listened to: never the whole namespace, never commands. */
export function filtersOf(nodes: readonly { group: string; node: string }[]): string[] {
  const filters = nodes.flatMap(({ group, node }) =>
    TYPES.map((type) => {
      const end = type.startsWith('D') ? '/+' : '';
      return `${NAMESPACE}/${group}/${type}/${node}${end}`;
    }),
  );
  return [...new Set(filters)];
}

/** Tag of a metric; the device level disappears for metrics of the node itself. */
export function tagOf(template: string, a: Address, metric: string): string {
  const filled = a.device === '' ? template.replace(/\{device\}\/?/g, '') : template;
  return filled.replace(/\{(group|node|device|metric)\}/g, (_, place: string) =>
    place === 'metric' ? metric : (a[place as 'group' | 'node' | 'device'] ?? ''),
  );
}
