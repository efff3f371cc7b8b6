import type { ServerResponse } from 'node:http';
import { COMMENT, failureFrame, HEARTBEAT_MS, STALLED_MS, type Frames } from './event-stream.js';
import { observe } from '../stream.js';
import type { Exchange } from './exchange.js';

/**
 * Sends server-sent events after the head of a response, and ends it. What a client does not read is not produced.
 *
 * A failure is told in a last frame, and then by the end of the connection: whoever does not know that frame must not
 * take what came so far for the whole.
 *
 * @throws what the frames have failed with, when the client has been told of it
 */
export async function sendEventStream(
  exchange: Pick<Exchange, 'response' | 'onEnd'>,
  frames: Frames,
  heartbeatMs = HEARTBEAT_MS,
): Promise<void> {
  const { response } = exchange;
  let isSilent = false;
  // Looks twice in that time: to set a timer anew for each frame costs more than to note that there was one.
  const heartbeat = setInterval(() => {
    if (isSilent && !response.writableNeedDrain) response.write(COMMENT);
    isSilent = !isSilent;
  }, heartbeatMs / 2);
  let hasLeft = false as boolean;
  response.setTimeout(STALLED_MS, () => response.destroy());
  try {
    const last = await new Promise<string>((resolve, reject) => {
      const part = (frame: string) => {
        isSilent = false;
        const mayGoOn = writeChunk(response, frame);
        if (!mayGoOn) response.once('drain', goOn);
        return mayGoOn;
      };
      const goOn = () => {
        observe(frames, { part, end: resolve, fail: reject });
      };
      exchange.onEnd(() => {
        hasLeft = true;
        resolve('');
        // Lets the frames release what they hold, though nobody waits for it.
        frames.return().catch(() => undefined);
      });
      goOn();
    });
    response.end(last);
  } catch (error) {
    // A client that has left is no failure.
    if (hasLeft) return;
    response.write(failureFrame(error), () => response.destroy());
    throw error;
  } finally {
    clearInterval(heartbeat);
  }
}

/** As `response.write`, which hands a chunk (RFC 9112, section 7.1) to the socket in four pieces, at a high price. */
function writeChunk(response: ServerResponse, text: string): boolean {
  if (text === '' || !response.headersSent || !response.chunkedEncoding)
    return response.write(text);
  response.chunkedEncoding = false;
  const mayGoOn = response.write(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
  response.chunkedEncoding = true;
  return mayGoOn;
}
