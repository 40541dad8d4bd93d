import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Bytes that a drip lets through in one step. */
const DROP_BYTES = 200;
const DROP_EVERY_MS = 25;

/** A proxy between two processes that stops passing on what comes, lets it through drop by drop, or resets connections. */
export class TcpProxy {
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private mode: 'pass' | 'hold' | 'drip' = 'pass';

  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    readonly address: string,
  ) {}

  /** @param target `host:port` */
  static async start(target: string): Promise<TcpProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new TcpProxy(server, `127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('connection', (near) => proxy.take(near, target));
    return proxy;
  }

  /** Nothing passes on open connections, nor on new ones, for a time. What has come by then passes afterwards. */
  async blackHole(forMs: number, signal: AbortSignal): Promise<void> {
    await this.during('hold', forMs, signal);
  }

  /** A few bytes pass at a time. */
  async drip(forMs: number, signal: AbortSignal): Promise<void> {
    await this.during('drip', forMs, signal);
  }

  /** Breaks all connections. */
  reset(): void {
    for (const pair of this.pairs) for (const socket of pair) socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    this.reset();
    this.server.close();
    await once(this.server, 'close');
  }

  private async during(mode: 'hold' | 'drip', forMs: number, signal: AbortSignal): Promise<void> {
    this.mode = mode;
    await delay(forMs, undefined, { signal }).catch(() => undefined);
    this.mode = 'pass';
  }

  private take(near: Socket, target: string): void {
    const { hostname, port } = new URL(`tcp://${target}`);
    const pair = [near, connect(Number(port), hostname)] as const;
    this.pairs.add(pair);
    const end = () => {
      this.pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    for (const socket of pair) socket.on('error', end).on('close', end);
    const [, far] = pair;
    void this.pump(near, far);
    void this.pump(far, near);
  }

  /** Passes on what comes, as the mode of the moment says. */
  private async pump(from: Socket, to: Socket): Promise<void> {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) await this.pass(chunk, to);
      to.end();
    } catch {
      // The connection broke: both ends of it are closed by then.
    }
  }

  private async pass(chunk: Buffer, to: Socket): Promise<void> {
    for (let rest = chunk; rest.length > 0; ) {
      while (this.mode === 'hold') await delay(DROP_EVERY_MS);
      const length = this.mode === 'drip' ? DROP_BYTES : rest.length;
      if (!to.write(rest.subarray(0, length))) await once(to, 'drain');
      rest = rest.subarray(length);
      if (rest.length > 0) await delay(DROP_EVERY_MS);
    }
  }
}
