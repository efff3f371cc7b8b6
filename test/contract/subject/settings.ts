import { spawnSync } from 'node:child_process';

const stores = ['memory', 'redis'] as const;
export type StoreName = (typeof stores)[number];

/** How the suite was told to reach the backend under test; README.md explains each variable. */
export interface Settings {
  /** The command that starts the backend, split into file and arguments; undefined when somebody else runs it. */
  command: readonly string[] | undefined;
  /** The command that starts a worker; there is none where the store is `memory`. */
  workerCommand: readonly string[] | undefined;
  cwd: string;
  /** Where a backend that somebody else runs is reached. */
  baseUrl: string | undefined;
  /** The port of the scripted upstream; 0 takes a free one. */
  upstreamPort: number;
  /** What tells this language's backend that it runs in production. */
  production: Readonly<Record<string, string>>;
  store: StoreName;
  /** How many processes a backend consists of, unless a section says otherwise. */
  apis: number;
  workers: number;
  /** Redis servers that somebody else runs; each backend takes a database of its own in them. */
  redisUrls: { queue: string; cache: string } | undefined;
  /** Why backends cannot be started here, where that is so. */
  obstacle: string | undefined;
}

type Variables = NodeJS.ProcessEnv;

function read(environment: Variables): Settings {
  const command = environment['CONTRACT_COMMAND'];
  const baseUrl = environment['CONTRACT_BASE_URL']?.replace(/\/+$/u, '');
  if ((command === undefined) === (baseUrl === undefined)) {
    throw new Error(
      'Say which backend the contract is checked against: CONTRACT_COMMAND="node dist/main.js" (with CONTRACT_CWD), ' +
        'or CONTRACT_BASE_URL="http://127.0.0.1:3000" with CONTRACT_UPSTREAM_PORT; one of the two.',
    );
  }
  const upstreamPort = Number(environment['CONTRACT_UPSTREAM_PORT'] ?? 0);
  if (!Number.isInteger(upstreamPort) || (baseUrl !== undefined && upstreamPort === 0)) {
    throw new Error(
      'CONTRACT_BASE_URL needs CONTRACT_UPSTREAM_PORT: the port where the backend expects its provider.',
    );
  }
  const [name = '', value = ''] = (
    environment['CONTRACT_PRODUCTION_ENV'] ?? 'NODE_ENV=production'
  ).split('=', 2);
  return {
    command: command === undefined ? undefined : splitCommand(command),
    cwd: environment['CONTRACT_CWD'] ?? process.cwd(),
    baseUrl,
    upstreamPort: baseUrl === undefined ? 0 : upstreamPort,
    production: { [name]: value },
    ...readStore(environment, baseUrl),
  };
}

function readStore(
  environment: Variables,
  baseUrl: string | undefined,
): Pick<Settings, 'store' | 'workerCommand' | 'apis' | 'workers' | 'redisUrls' | 'obstacle'> {
  const store = stores.find((each) => each === (environment['CONTRACT_STORE'] ?? 'memory'));
  if (store === undefined) throw new Error(`CONTRACT_STORE is one of: ${stores.join(', ')}.`);
  const apis = positive(environment, 'CONTRACT_APIS');
  const workers = positive(environment, 'CONTRACT_WORKERS');
  if (store === 'memory' || baseUrl !== undefined) {
    if (apis * workers > 1) {
      throw new Error('CONTRACT_APIS and CONTRACT_WORKERS need CONTRACT_STORE=redis.');
    }
    return {
      store,
      apis,
      workers: 0,
      workerCommand: undefined,
      redisUrls: undefined,
      obstacle: undefined,
    };
  }
  const worker = environment['CONTRACT_WORKER_COMMAND'];
  if (worker === undefined) {
    throw new Error(
      'CONTRACT_STORE=redis needs CONTRACT_WORKER_COMMAND: the command that starts a worker.',
    );
  }
  const redisUrls = readRedisUrls(environment);
  const obstacle = redisUrls === undefined ? redisObstacle(environment) : undefined;
  return { store, apis, workers, workerCommand: splitCommand(worker), redisUrls, obstacle };
}

function readRedisUrls(environment: Variables): Settings['redisUrls'] {
  const [queue, cache] = ['CONTRACT_QUEUE_REDIS_URL', 'CONTRACT_CACHE_REDIS_URL'].map(
    (name) => environment[name],
  );
  if (queue === undefined && cache === undefined) return undefined;
  if (queue === undefined || cache === undefined) {
    throw new Error('CONTRACT_QUEUE_REDIS_URL and CONTRACT_CACHE_REDIS_URL are set together.');
  }
  return { queue, cache };
}

/** Why there is no Redis to be had: a failure where everything is required, a reason to skip elsewhere. */
function redisObstacle(environment: Variables): string | undefined {
  if (spawnSync('redis-server', ['--version']).status === 0) return undefined;
  const obstacle = 'CONTRACT_STORE=redis needs redis-server on the PATH, or CONTRACT_*_REDIS_URL';
  if ([environment['CI'], environment['CONTRACT_REQUIRED']].includes('true'))
    throw new Error(`${obstacle}.`);
  return obstacle;
}

function positive(environment: Variables, name: string): number {
  const value = Number(environment[name] ?? 1);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} is a number from 1.`);
  return value;
}

/** Splits at spaces, keeping what stands in double quotes together; no shell has a hand in it, so signals arrive. */
function splitCommand(command: string): string[] {
  return (command.match(/"[^"]*"|\S+/gu) ?? []).map((part) => part.replace(/^"(.*)"$/u, '$1'));
}

export const settings = read(process.env);
