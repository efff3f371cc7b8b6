import { createOutput } from './cli/output.js';
import { listenForInterrupt } from './cli/interrupt.js';
import { run } from './cli/run.js';
import { EXIT, UserError } from './errors.js';
import { openBuiltIns } from './template/built-in.js';

/** The only place that catches, and the only one that ends the process. */
async function main(argv: readonly string[]): Promise<void> {
  const output = await createOutput(
    {
      json: argv.some((flag) => /^--json(=true)?$/.test(flag)),
      plain: argv.some((flag) => /^--plain(=true)?$/.test(flag)) || process.env.TERM === 'dumb',
    },
    process.env,
  );
  try {
    await run({
      argv,
      environment: process.env,
      workingDirectory: process.cwd(),
      builtIns: openBuiltIns(import.meta.dirname),
      interrupt: listenForInterrupt(),
      output,
    });
    process.exit(EXIT.done);
  } catch (error) {
    const failure = error instanceof UserError ? error : toUnexpected(error);
    output.error(failure.message);
    output.data({
      error: { exitCode: failure.exitCode, message: failure.message, ...failure.details },
    });
    process.exit(failure.exitCode);
  }
}

/** A mistake of ours. The stack is for those who ask for it. */
function toUnexpected(error: unknown): UserError {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const details = process.env.DEBUG === 'create-ai-backend' ? `\n${stack ?? ''}` : '';
  return new UserError(
    `Something unexpected went wrong: ${message}. This is a bug in create-ai-backend; DEBUG=create-ai-backend shows more.${details}`,
    EXIT.unexpected,
  );
}

void main(process.argv.slice(2));
