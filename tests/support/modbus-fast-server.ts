import { createServer } from 'node:net';
import { parentPort } from 'node:worker_threads';

/**
 * Thread root: a Modbus TCP server that does as little as a server can, so that a benchmark sees
 * the client. Every read of registers is answered with zeros; answers to what came in one piece
 * leave in one piece.
 */
const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on('error', () => {});
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const answers: Buffer[] = [];
    let at = 0;
    for (; at + 12 <= bytes.length; at += 12) {
      const length = bytes.readUInt16BE(at + 10);
      const answer = Buffer.alloc(9 + 2 * length);
      bytes.copy(answer, 0, at, at + 8);
      answer.writeUInt16BE(3 + 2 * length, 4);
      answer.writeUInt8(2 * length, 8);
      answers.push(answer);
    }
    rest = Buffer.from(bytes.subarray(at));
    if (answers.length > 0)
      socket.write(answers.length === 1 ? (answers[0] ?? '') : Buffer.concat(answers));
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  parentPort?.postMessage(typeof address === 'object' && address ? address.port : 0);
});
