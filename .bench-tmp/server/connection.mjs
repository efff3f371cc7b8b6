import { connect } from 'node:net';

const HEAD_END = '\r\n\r\n';
const LAST_CHUNK = Buffer.from('\r\n0\r\n\r\n');
const EVENT = Buffer.from('data: ');

/**
 * One HTTP/1.1 connection that sends its next request as soon as the last one is answered.
 *
 * It reads no more of an answer than where it ends: the load generator shares a core with the upstream, and must not be
 * what limits the server.
 */
export class Connection {
  #socket;
  #head = '';
  /** Bytes that the body still lacks; null where it comes in chunks. */
  #missing = 0;
  #tail = Buffer.alloc(0);
  #isReadingHead = true;
  #sentAt = 0;
  #hasFirstEvent = false;
  #isStopping = false;
  #onClose = () => undefined;

  /**
   * @param nextRequest gives the bytes to send
   * @param counters is told of every answer, event and failure
   */
  constructor(port, nextRequest, counters) {
    this.nextRequest = nextRequest;
    this.counters = counters;
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('connect', () => this.#send());
    this.#socket.on('data', (bytes) => this.#read(bytes));
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      if (!this.#isStopping) counters.failed('the server closed a connection');
      this.#onClose();
    });
  }

  /** Sends nothing more; resolves when what was sent is answered. */
  stop() {
    this.#isStopping = true;
    return new Promise((resolve) => {
      this.#onClose = resolve;
      if (this.#socket.destroyed) resolve();
    });
  }

  #send() {
    if (this.#isStopping) {
      this.#socket.destroy();
      return;
    }
    this.#isReadingHead = true;
    this.#head = '';
    this.#hasFirstEvent = false;
    this.#sentAt = performance.now();
    this.#socket.write(this.nextRequest());
  }

  #read(bytes) {
    const body = this.#isReadingHead ? this.#readHead(bytes) : bytes;
    if (this.#isReadingHead) return;
    if (this.#missing === null) this.#readChunks(body);
    else this.#readLength(body);
  }

  /** Gives what comes after the head. */
  #readHead(bytes) {
    const before = this.#head.length;
    this.#head += bytes.latin1Slice();
    const end = this.#head.indexOf(HEAD_END);
    if (end < 0) return bytes;
    this.#isReadingHead = false;
    const head = this.#head.slice(0, end);
    if (!head.startsWith('HTTP/1.1 200')) this.counters.failed(this.#head.slice(0, 1_000));
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    this.#missing = length === undefined ? null : Number(length);
    this.#tail = Buffer.alloc(0);
    return bytes.subarray(end + HEAD_END.length - before);
  }

  #readLength(body) {
    this.#missing -= body.length;
    if (this.#missing <= 0) this.#answered();
  }

  #readChunks(body) {
    this.#countEvents(body);
    const tail = body.length < LAST_CHUNK.length ? Buffer.concat([this.#tail, body]) : body;
    this.#tail = tail.subarray(-LAST_CHUNK.length);
    if (this.#tail.equals(LAST_CHUNK)) this.#answered();
  }

  #countEvents(body) {
    let events = 0;
    for (let at = body.indexOf(EVENT); at >= 0; at = body.indexOf(EVENT, at + EVENT.length)) {
      events += 1;
    }
    if (events === 0) return;
    if (!this.#hasFirstEvent) this.counters.firstEvent(performance.now() - this.#sentAt);
    this.#hasFirstEvent = true;
    this.counters.events(events);
  }

  #answered() {
    this.counters.answered(performance.now() - this.#sentAt);
    this.#send();
  }
}
