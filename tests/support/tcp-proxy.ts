import { connect, createServer, type Socket } from 'node:net';

/** Sits between a client and a server and keeps what each connection said, byte by byte. */
export interface TcpProxy {
  readonly port: number;
  /** one entry per connection so far, oldest first */
  readonly connections: readonly ProxyConnection[];
  /** cuts every open connection; new ones are taken */
  cut(): void;
  /** true: swallows all bytes and keeps connections open, as a cable that is half broken */
  hold(on: boolean): void;
  close(): Promise<void>;
}

export interface ProxyConnection {
  /** bytes from the client to the server */
  sent(): Buffer;
  /** bytes from the server to the client */
  received(): Buffer;
  cut(): void;
}

/** Listens on a loopback port of its own and passes everything on to `targetPort`. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const connections: ProxyConnection[] = [];
  let held = false;
  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    const sent: Buffer[] = [];
    const received: Buffer[] = [];
    const cut = () => {
      client.destroy();
      target.destroy();
    };
    pass(client, target, sent, () => held, cut);
    pass(target, client, received, () => held, cut);
    connections.push({
      sent: () => Buffer.concat(sent),
      received: () => Buffer.concat(received),
      cut,
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const cutAll = () => {
    for (const connection of connections) connection.cut();
  };
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    connections,
    cut: cutAll,
    hold: (on) => {
      held = on;
    },
    close() {
      cutAll();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function pass(
  from: Socket,
  to: Socket,
  kept: Buffer[],
  held: () => boolean,
  cut: () => void,
): void {
  from.setNoDelay(true);
  from.on('data', (bytes: Buffer) => {
    if (held()) return;
    kept.push(bytes);
    to.write(bytes);
  });
  from.on('close', cut);
  from.on('error', cut);
}
