import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { quoteCommand } from '../../src/cli/quote.js';

describe('quoteCommand', () => {
  it('leaves alone what needs no quotes', () => {
    expect(quoteCommand(['npm', 'run', 'dev', '--', '--port=3000'])).toBe(
      'npm run dev -- --port=3000',
    );
  });

  it.each(['a b', "it's", '$HOME', '`id`', '"', '', 'a;b', '*', 'ü'])(
    'lets a shell read back %j',
    (argument) => {
      const echoed = execFileSync('sh', ['-c', quoteCommand(['printf', '%s', argument])], {
        encoding: 'utf8',
      });
      expect(echoed).toBe(argument);
    },
  );
});
