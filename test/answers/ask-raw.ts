import { connect } from 'node:net';

/** What may pass without a word before an answer is taken for whole: longer than anything takes here. */
const SILENCE_MS = 400;

/** Writes bytes to a server, and reads all that it says until it is silent, or ends the connection. */
export function askRaw(url: string, bytes: Buffer): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    const finish = (end: string) => {
      socket.destroy();
      resolve(`${Buffer.concat(parts).toString('latin1')}\n${end}\n`);
    };
    socket.setTimeout(SILENCE_MS, () => {
      finish('(the connection stays)');
    });
    socket.on('data', (part: Buffer) => parts.push(part));
    socket.on('end', () => {
      finish('(the connection ends)');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') finish('(the connection breaks)');
      else reject(error);
    });
  });
}

/** Ids and times, and whatever is made of them. */
const PASSING: readonly (readonly [RegExp, string])[] = [
  [/\breq_[0-9a-f]{32}\b/g, 'req_…'],
  [/\b(job|chatcmpl)[_-][A-Za-z0-9_-]{12,}/g, '$1_…'],
  [/^date: .*$/gim, 'date: …'],
  [/("(?:created|created_at|started_at|completed_at|expires_at)"):\d+/g, '$1:…'],
  [/^x-ratelimit-reset-(\w+): \d+s$/gim, 'x-ratelimit-reset-$1: …'],
];

/**
 * An answer without what is another one each time. Headers are put in order: which way round those of different names
 * stand means nothing (RFC 9110, section 5.3), and is the framework's own.
 */
export function normalize(answer: string): string {
  const plain = PASSING.reduce((text, [pattern, by]) => text.replace(pattern, by), answer);
  return plain.replace(
    /^(HTTP\/1\.1 .*\r\n)((?:[^\r\n]+\r\n)*)\r\n/gm,
    (_head, status, headers) => {
      const lines = String(headers).split('\r\n').filter(Boolean).map(lowerName).sort();
      return `${String(status)}${lines.join('\r\n')}\r\n\r\n`;
    },
  );
}

/** Names of headers are the same in any case. */
function lowerName(line: string): string {
  return line.replace(/^[^:]+/, (name) => name.toLowerCase());
}
