/** How the suite was told to reach the backend under test; README.md explains each variable. */
export interface Settings {
  /** The command that starts the backend, split into file and arguments; undefined when somebody else runs it. */
  command: readonly string[] | undefined;
  cwd: string;
  /** Where a backend that somebody else runs is reached. */
  baseUrl: string | undefined;
  /** The port of the scripted upstream; 0 takes a free one. */
  upstreamPort: number;
  /** What tells this language's backend that it runs in production. */
  production: Readonly<Record<string, string>>;
}

function read(environment: NodeJS.ProcessEnv): Settings {
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
  };
}

/** Splits at spaces, keeping what stands in double quotes together; no shell has a hand in it, so signals arrive. */
function splitCommand(command: string): string[] {
  return (command.match(/"[^"]*"|\S+/gu) ?? []).map((part) => part.replace(/^"(.*)"$/u, '$1'));
}

export const settings = read(process.env);
