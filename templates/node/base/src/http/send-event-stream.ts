import { once } from 'node:events';
import { COMMENT, failureFrame, HEARTBEAT_MS, STALLED_MS, type Frames } from './event-stream.js';
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
  const connection = new AbortController();
  exchange.onEnd(() => {
    connection.abort();
    // Lets the frames release what they hold, though nobody waits for it.
    frames.return().catch(() => undefined);
  });
  response.setTimeout(STALLED_MS, () => response.destroy());
  try {
    let step = await frames.next();
    for (; step.done !== true; step = await frames.next()) {
      isSilent = false;
      if (!response.write(step.value)) await once(response, 'drain', connection);
    }
    response.end(step.value);
  } catch (error) {
    // A client that has left is no failure.
    if (connection.signal.aborted) return;
    response.write(failureFrame(error), () => response.destroy());
    throw error;
  } finally {
    clearInterval(heartbeat);
  }
}
