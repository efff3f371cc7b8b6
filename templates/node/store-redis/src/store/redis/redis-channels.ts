import type { Redis } from 'ioredis';

/** A connection that only listens would not notice that nobody is there any more. */
const PING_INTERVAL_MS = 5_000;

/** @param message undefined when messages may have been missed: whoever listens is to look for itself */
export type Listener = (message: string | undefined) => void;

/** Messages between processes, over one connection. */
export class RedisChannels {
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #pinger: NodeJS.Timeout;
  #redis: Redis | undefined;

  /** @param connect makes a connection for this alone, once somebody listens */
  constructor(private readonly connect: () => Redis) {
    this.#pinger = setInterval(() => {
      this.#ready?.ping().catch(() => undefined);
    }, PING_INTERVAL_MS).unref();
  }

  /**
   * Also calls back, without a message, once it listens, and whenever it listens again after the connection broke.
   *
   * @returns ends it
   */
  listen(channel: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(channel);
    if (listeners === undefined) {
      this.#listeners.set(channel, new Set([listener]));
      this.#redis ??= this.#open();
      this.#subscribe([channel]);
    } else {
      listeners.add(listener);
    }
    return () => {
      this.#leave(channel, listener);
    };
  }

  close(): void {
    clearInterval(this.#pinger);
    this.#listeners.clear();
    this.#redis?.disconnect();
  }

  get #ready(): Redis | undefined {
    return this.#redis?.status === 'ready' ? this.#redis : undefined;
  }

  #open(): Redis {
    const redis = this.connect();
    redis.on('message', (channel: string, message: string) => {
      this.#tell(channel, message);
    });
    redis.on('ready', () => {
      this.#subscribe([...this.#listeners.keys()]);
    });
    return redis;
  }

  /** What fails here is made up for when the connection is ready again. */
  #subscribe(channels: readonly string[]): void {
    if (channels.length === 0) return;
    this.#ready?.subscribe(...channels).then(
      () => {
        for (const channel of channels) this.#tell(channel, undefined);
      },
      () => undefined,
    );
  }

  #leave(channel: string, listener: Listener): void {
    const listeners = this.#listeners.get(channel);
    listeners?.delete(listener);
    if (listeners?.size !== 0) return;
    this.#listeners.delete(channel);
    this.#ready?.unsubscribe(channel).catch(() => undefined);
  }

  #tell(channel: string, message: string | undefined): void {
    for (const listener of [...(this.#listeners.get(channel) ?? [])]) listener(message);
  }
}
