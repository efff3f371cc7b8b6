import { pino } from 'pino';
import { expect, it } from 'vitest';
import { NestLogger } from '../../src/common/nest-logger.js';

it("writes Nest's warnings and errors as lines of JSON, and nothing else", () => {
  const lines: string[] = [];
  const output = { write: (line: string) => lines.push(line) };
  const logger = new NestLogger(pino({ base: null, timestamp: false }, output));
  logger.log();
  logger.warn('a warning');
  logger.error('an error');
  logger.error(new Error('a failure'));
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { level: 40, msg: 'a warning' },
    { level: 50, msg: 'an error' },
    { level: 50, msg: 'a failure', err: { type: 'Error' } },
  ]);
});
