import { once } from 'node:events';
import { connect } from 'node:net';
import type { Environment } from './environment.js';
import { RedisServer } from './redis-server.js';
import { settings } from './settings.js';

/** The two fresh databases of one backend. */
export interface RedisDatabases {
  readonly env: Environment;
  /** The servers, where the suite runs them. */
  readonly queue: RedisServer | undefined;
  readonly cache: RedisServer | undefined;
}

/** Starts a server for the queue and one for the cache, or empties a database in each of those that are given. */
export async function takeDatabases(appendOnly: boolean): Promise<RedisDatabases> {
  const { redisUrls } = settings;
  if (redisUrls !== undefined) {
    const [queueUrl, cacheUrl] = await takeEmptied(redisUrls);
    return { env: variables(queueUrl, cacheUrl), queue: undefined, cache: undefined };
  }
  const [queue, cache] = await Promise.all([
    RedisServer.start({ policy: 'noeviction', appendOnly }),
    RedisServer.start({ policy: 'allkeys-lru' }),
  ]);
  return { env: variables(queue.url, cache.url), queue, cache };
}

function variables(queueUrl: string, cacheUrl: string): Environment {
  return { QUEUE_REDIS_URL: queueUrl, CACHE_REDIS_URL: cacheUrl };
}

/** How many databases a Redis server has, unless its configuration says otherwise. */
const DATABASES = 16;
let taken = 0;

/** Two backends may run at a time; so they take turns at the databases. */
async function takeEmptied(urls: { queue: string; cache: string }): Promise<[string, string]> {
  const database = taken++ % DATABASES;
  const queue = withDatabase(urls.queue, database);
  const cache = withDatabase(urls.cache, database);
  await Promise.all([queue, cache].map(empty));
  return [queue, cache];
}

function withDatabase(url: string, database: number): string {
  const address = new URL(url);
  address.pathname = `/${String(database)}`;
  return address.href;
}

async function empty(url: string): Promise<void> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port || 6379) });
  const login = password === '' ? '' : `AUTH ${username || 'default'} ${password}\r\n`;
  socket.setEncoding('utf8').write(`${login}SELECT ${pathname.slice(1)}\r\nFLUSHDB\r\nQUIT\r\n`);
  let answer = '';
  socket.on('data', (text: string) => (answer += text));
  await once(socket, 'close');
  if (answer.includes('-')) throw new Error(`${url} could not be emptied: ${answer}`);
}
