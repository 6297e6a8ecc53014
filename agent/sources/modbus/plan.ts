/** Register tables of Modbus and the function code that reads each. */
export const FUNCTION_CODE = { coil: 1, discrete: 2, holding: 3, input: 4 } as const;
export type Table = keyof typeof FUNCTION_CODE;

/** What must be read in one request: a single tag, or all fields of a record (one PLC scan). */
export interface Group {
  table: Table;
  /** first register (or bit) and how many */
  address: number;
  length: number;
  everyMs: number;
  /** may be read by a faster request that covers it anyway */
  mayRide?: boolean;
}

/** One request: everything in `groups` comes from its one answer. */
export interface Block<G extends Group> {
  table: Table;
  address: number;
  length: number;
  everyMs: number;
  groups: G[];
}

export interface PlanLimits {
  /** most registers and most bits one request may ask for */
  maxRegisters: number;
  maxBits: number;
  /** unused registers worth reading to save a request */
  maxHole: number;
}

export const isBits = (table: Table): boolean => table === 'coil' || table === 'discrete';

/**
 * Joins groups of the same table and period into as few requests as a greedy walk over the
 * addresses gives. A group is never split. On TCP one request costs a round trip and a scan of the
 * PLC (5 to 50 ms) and one register 2 bytes, so a hole is worth reading up to the size limit;
 * `maxHole` is for devices that refuse to read addresses they do not have.
 */
export function plan<G extends Group>(groups: readonly G[], limits: PlanLimits): Block<G>[] {
  const sorted = [...groups].sort(
    (a, b) =>
      FUNCTION_CODE[a.table] - FUNCTION_CODE[b.table] ||
      a.everyMs - b.everyMs ||
      a.address - b.address ||
      a.length - b.length,
  );
  const blocks: Block<G>[] = [];
  for (const group of sorted) {
    const last = blocks.at(-1);
    if (last && joins(last, group, limits)) {
      last.length = Math.max(last.length, group.address + group.length - last.address);
      last.groups.push(group);
    } else blocks.push(blockOf([group]));
  }
  return withRiders(blocks);
}

/** A slow tag that a faster request reads anyway needs no request of its own. */
function withRiders<G extends Group>(blocks: Block<G>[]): Block<G>[] {
  const hosts = [...blocks].sort((a, b) => a.everyMs - b.everyMs);
  return blocks.flatMap((block) => {
    const left = block.groups.filter((group) => {
      const host = group.mayRide && hosts.find((h) => covers(h, block, group));
      if (host) host.groups.push(group);
      return !host;
    });
    if (left.length === block.groups.length) return [block];
    return left.length === 0 ? [] : [blockOf(left)];
  });
}

function covers(host: Block<Group>, own: Block<Group>, group: Group): boolean {
  const end = host.address + host.length;
  if (host.table !== own.table || host.everyMs >= own.everyMs) return false;
  return host.address <= group.address && group.address + group.length <= end;
}

/** The smallest request that reads these groups (at least one, all of one table and period). */
export function blockOf<G extends Group>(groups: G[]): Block<G> {
  const first = groups[0];
  if (first === undefined) throw new Error('a request needs at least one group');
  const address = Math.min(...groups.map((g) => g.address));
  const end = Math.max(...groups.map((g) => g.address + g.length));
  const everyMs = Math.min(...groups.map((g) => g.everyMs));
  return { table: first.table, address, length: end - address, everyMs, groups };
}

function joins(block: Block<Group>, group: Group, limits: PlanLimits): boolean {
  if (block.table !== group.table || block.everyMs !== group.everyMs) return false;
  const end = block.address + block.length;
  const bits = isBits(group.table);
  const most = bits ? limits.maxBits : limits.maxRegisters;
  const hole = bits ? 16 * limits.maxHole : limits.maxHole;
  const length = Math.max(end, group.address + group.length) - block.address;
  return group.address - end <= hole && length <= most;
}
