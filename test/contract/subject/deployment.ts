import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '../clients/client.js';
import { BackendProcess } from './backend-process.js';
import { backendEnvironment, type Environment } from './environment.js';
import { takeDatabases, type RedisDatabases } from './redis-databases.js';
import { RoundRobin } from './round-robin.js';
import { settings } from './settings.js';

export interface Configuration {
  env?: Environment;
  /** The content of the file that `MODELS_FILE` names. */
  models?: unknown;
  /** How many processes there are; as the suite was told, unless a section is about each process by itself. */
  apis?: number;
  workers?: number;
  /** Whether the queue's Redis outlives a restart. */
  appendOnly?: boolean;
}

/**
 * What the contract promises of each process by itself, and not of all of them together: that identical requests in
 * flight share a call, MAX_CONCURRENT_INFERENCES and MAX_QUEUED_INFERENCES, circuit breakers, JOB_CONCURRENCY, and the
 * drain after SIGTERM. Sections about these run one API process (and one worker), however many the suite was told.
 */
export const oneProcess = { apis: 1, workers: 1 } as const satisfies Configuration;

/** Aliases that most tests need: one of its own, and every other name passed through. */
export const usualModels = { default: [{ model: 'contract-default' }], '*': [{}] };

/** All that runs for one backend: its API processes, its workers, and the Redis servers between them. */
export class Deployment extends Client {
  readonly apis: BackendProcess[] = [];
  readonly workers: BackendProcess[] = [];
  #balancer: RoundRobin | undefined;

  private constructor(
    private readonly upstreamUrl: string,
    private readonly folder: string,
    readonly redis: RedisDatabases | undefined,
    private readonly env: Environment,
  ) {
    super();
  }

  /** Lays out what the processes need, and starts none of them. */
  static async prepare(
    upstreamUrl: string,
    { env = {}, models = usualModels, appendOnly = false }: Configuration = {},
  ): Promise<Deployment> {
    const folder = await mkdtemp(join(tmpdir(), 'contract-'));
    await writeFile(join(folder, 'models.json'), JSON.stringify(models));
    const redis = settings.store === 'redis' ? await takeDatabases(appendOnly) : undefined;
    return new Deployment(upstreamUrl, folder, redis, env);
  }

  /** Starts everything, and waits until all of it listens. */
  static async start(upstreamUrl: string, configuration: Configuration = {}): Promise<Deployment> {
    const deployment = await Deployment.prepare(upstreamUrl, configuration);
    const apis = configuration.apis ?? settings.apis;
    const workers = settings.store === 'redis' ? (configuration.workers ?? settings.workers) : 0;
    try {
      await Promise.all([
        ...Array.from({ length: apis }, () => deployment.startApi()),
        ...Array.from({ length: workers }, () => deployment.startWorker()),
      ]);
      if (apis > 1) {
        deployment.#balancer = await RoundRobin.start(deployment.apis.map((api) => api.baseUrl));
      }
      return deployment;
    } catch (error) {
      await deployment.stop();
      throw error;
    }
  }

  /** Where the backend is reached, however many processes it consists of. */
  get baseUrl(): string {
    return this.#balancer?.url ?? this.api.baseUrl;
  }

  /** The first API process. */
  get api(): BackendProcess {
    const [api] = this.apis;
    if (api === undefined) throw new Error('No API process runs.');
    return api;
  }

  /** The process that runs jobs: a worker where there is one. */
  get jobRunner(): BackendProcess {
    return this.workers[0] ?? this.api;
  }

  get processes(): readonly BackendProcess[] {
    return [...this.apis, ...this.workers];
  }

  /** The log of all of them, one after the other. */
  get stdout(): string {
    return this.processes.map(({ stdout }) => stdout).join('');
  }

  get output(): string {
    return this.processes.map(({ output }) => output).join('');
  }

  /** Starts one more API process without waiting for it to listen. */
  async spawnApi(env: Environment = {}): Promise<BackendProcess> {
    const api = await this.#spawn(settings.command, env);
    this.apis.push(api);
    return api;
  }

  async startApi(): Promise<BackendProcess> {
    const api = await this.spawnApi();
    await api.listening();
    return api;
  }

  async spawnWorker(env: Environment = {}): Promise<BackendProcess> {
    const worker = await this.#spawn(settings.workerCommand, env);
    this.workers.push(worker);
    return worker;
  }

  async startWorker(): Promise<BackendProcess> {
    const worker = await this.spawnWorker();
    await worker.listening();
    return worker;
  }

  /** Sends new connections to these API processes only, as a load balancer does during a rolling restart. */
  balance(apis: readonly BackendProcess[]): void {
    this.#balancer?.balance(apis.map((api) => api.baseUrl));
  }

  /** Ends everything and leaves nothing. */
  async stop(): Promise<void> {
    await this.#balancer?.close();
    await Promise.all(this.processes.map((each) => each.stop()));
    await this.redis?.queue?.remove();
    await this.redis?.cache?.remove();
    await rm(this.folder, { recursive: true, force: true });
  }

  #spawn(command: readonly string[] | undefined, env: Environment): Promise<BackendProcess> {
    if (command === undefined) throw new Error('The suite was not told how to start this.');
    const modelsFile = join(this.folder, 'models.json');
    const own = [this.redis?.env ?? {}, this.env, env];
    return BackendProcess.spawn(command, backendEnvironment(this.upstreamUrl, modelsFile, ...own));
  }
}
