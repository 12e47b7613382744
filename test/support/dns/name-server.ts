import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const TYPE_A = 1;
const HEADER_BYTES = 12;

/** A name server (RFC 1035) that computes its answer to each question for an IPv4 address, with no time to live, and has no other address. */
export class NameServer implements Disposable {
  /** For how many IPv4 addresses it was asked. */
  questions = 0;
  readonly #socket: Socket = createSocket('udp4');
  readonly #answer: (question: number) => string;

  private constructor(answer: (question: number) => string) {
    this.#answer = answer;
    this.#socket.on('message', (message, { port, address }) => {
      this.#socket.send(this.#reply(message), port, address);
    });
  }

  /** `answer`: the address for the first question, the second, and so on. */
  static async open(address: string, answer: (question: number) => string): Promise<NameServer> {
    const server = new NameServer(answer);
    server.#socket.bind(53, address);
    await once(server.#socket, 'listening');
    return server;
  }

  #reply(message: Buffer): Buffer {
    // One question follows the header: labels up to an empty one, then type and class.
    const end = message.indexOf(0, HEADER_BYTES) + 5;
    const reply = Buffer.from(message.subarray(0, end));
    const isForA = message.readUInt16BE(end - 4) === TYPE_A;
    // An authoritative answer without errors; one question, no additional records.
    reply.writeUInt16BE(0x8580, 2);
    for (const [offset, count] of [
      [4, 1],
      [6, isForA ? 1 : 0],
      [8, 0],
      [10, 0],
    ] as const) {
      reply.writeUInt16BE(count, offset);
    }
    if (!isForA) return reply;
    const address = this.#answer(this.questions).split('.').map(Number);
    this.questions += 1;
    // The name by a pointer to the question's, type A, class IN, time to live 0, four bytes.
    return Buffer.concat([reply, Buffer.from([0xc0, HEADER_BYTES, 0, TYPE_A, 0, 1, 0, 0, 0, 0, 0, 4, ...address])]);
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}
