/** The part of PostgreSQL's wire protocol (version 3) that clients need to reach an embedded database. */

const SSL_REQUEST = 80_877_103;
const GSS_REQUEST = 80_877_104;
const CANCEL_REQUEST = 80_877_102;
const PROTOCOL_3 = 3;

/** The largest accepted message. No legitimate client of the shop sends a larger one. */
const MAXIMUM_MESSAGE_BYTES = 256 * 1024 * 1024;

export interface StartupPacket {
  kind: 'startup' | 'encryption' | 'cancel' | 'unsupported';
  parameters: Map<string, string>;
}

/** A client has violated PostgreSQL's protocol. */
export class WireProtocolError extends Error {}

/** Splits a client's byte stream into whole packets. */
export class FrontendReader {
  #buffer: Buffer = Buffer.alloc(0);

  push(bytes: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? bytes : Buffer.concat([this.#buffer, bytes]);
  }

  #take(length: number): Buffer | undefined {
    if (length > MAXIMUM_MESSAGE_BYTES) throw new WireProtocolError('a message is too long');
    if (this.#buffer.length < length) return undefined;
    const taken = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.subarray(length);
    return taken;
  }

  /** The first packet of a connection, which has no type; undefined until it has arrived completely. */
  startup(): StartupPacket | undefined {
    if (this.#buffer.length < 8) return undefined;
    const length = this.#buffer.readUInt32BE(0);
    if (length < 8 || length > 10_000) throw new WireProtocolError('the first packet is not a startup packet');
    const packet = this.#take(length);
    if (!packet) return undefined;
    const code = packet.readUInt32BE(4);
    const parameters = new Map<string, string>();
    if (code === SSL_REQUEST || code === GSS_REQUEST) return { kind: 'encryption', parameters };
    if (code === CANCEL_REQUEST) return { kind: 'cancel', parameters };
    if (code >>> 16 !== PROTOCOL_3) return { kind: 'unsupported', parameters };
    const fields = packet.subarray(8).toString('utf8').split('\0');
    for (let index = 0; index + 1 < fields.length; index += 2) {
      const name = fields[index];
      if (name) parameters.set(name, fields[index + 1] ?? '');
    }
    return { kind: 'startup', parameters };
  }

  /** The next message; undefined until it has arrived completely. */
  message(): { type: string; bytes: Buffer } | undefined {
    if (this.#buffer.length < 5) return undefined;
    const length = this.#buffer.readUInt32BE(1);
    if (length < 4) throw new WireProtocolError('a message has no length');
    const bytes = this.#take(length + 1);
    return bytes && { type: String.fromCharCode(bytes[0] ?? 0), bytes };
  }
}

function backendMessage(type: string, ...parts: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(`${part}\0`) : part)));
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** Asks for the password in plain text, since the connection does not leave the machine. */
export const askForPassword = backendMessage('R', int32(3));

/** Opens the connection and sends `settings` to the client, as PostgreSQL does. */
export function authenticationOk(settings: ReadonlyMap<string, string>, processId: number): Buffer {
  return Buffer.concat([
    backendMessage('R', int32(0)),
    ...[...settings].map(([name, value]) => backendMessage('S', name, value)),
    backendMessage('K', int32(processId), int32(0)),
    backendMessage('Z', Buffer.from('I')),
  ]);
}

/** An error that ends the connection. */
export function fatalError(sqlState: string, message: string): Buffer {
  return backendMessage('E', 'SFATAL', 'VFATAL', `C${sqlState}`, `M${message}`, Buffer.from([0]));
}

/** Whether the database is idle after this response: no transaction is open and it expects no further message. */
export function endsIdle(response: Uint8Array): boolean {
  // ReadyForQuery is always last and consists of six bytes: its type, its length, and the status `I` for idle.
  const last = Buffer.from(response.buffer, response.byteOffset, response.byteLength).subarray(-6);
  return last.length === 6 && last.equals(READY_IDLE);
}

const READY_IDLE = backendMessage('Z', Buffer.from('I'));
