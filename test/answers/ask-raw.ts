import { connect } from 'node:net';

/** How long nothing may be said, after a whole answer and elsewhere, until nothing more is waited for. */
const SILENCE_MS = { whole: 50, otherwise: 2_000 };

/** Writes bytes to a server, and reads all that it says until it is silent, or ends the connection. */
export function askRaw(url: string, bytes: Buffer): Promise<string> {
  const { hostname, port } = new URL(url);
  const isHead = bytes.toString('latin1').startsWith('HEAD ');
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    const finish = (end: string) => {
      socket.destroy();
      resolve(`${answer}\n${end}\n`);
    };
    socket.setTimeout(SILENCE_MS.otherwise, () => {
      finish('(the connection stays)');
    });
    socket.on('data', (part: Buffer) => {
      answer += part.toString('latin1');
      socket.setTimeout(isWhole(answer, isHead) ? SILENCE_MS.whole : SILENCE_MS.otherwise);
    });
    socket.on('end', () => {
      finish('(the connection ends)');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET') finish('(the connection breaks)');
      else reject(error);
    });
  });
}

/** Whether a text is answers that are all at their end. */
function isWhole(text: string, isHead: boolean): boolean {
  if (text === '') return true;
  const [head, body] = splitHead(text);
  if (body === undefined || head.startsWith('HTTP/1.1 100')) return false;
  if (isHead || /^HTTP\/1\.1 [23]04 /.test(head)) return isWhole(body, isHead);
  const length = /^content-length: (\d+)$/im.exec(head)?.[1];
  if (length === undefined) return body.endsWith('0\r\n\r\n');
  return body.length >= Number(length) && isWhole(body.slice(Number(length)), isHead);
}

function splitHead(text: string): [string, string?] {
  const end = text.indexOf('\r\n\r\n');
  return end < 0 ? [text] : [text.slice(0, end).replaceAll('\r', ''), text.slice(end + 4)];
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
  return plain.replace(/(HTTP\/1\.1 .*\r\n)((?:[^\r\n]+\r\n)*)\r\n/g, (_head, status, headers) => {
    const lines = String(headers).split('\r\n').filter(Boolean).map(lowerName).sort();
    return `${String(status)}${lines.join('\r\n')}\r\n\r\n`;
  });
}

/** Names of headers are the same in any case. */
function lowerName(line: string): string {
  return line.replace(/^[^:]+/, (name) => name.toLowerCase());
}
