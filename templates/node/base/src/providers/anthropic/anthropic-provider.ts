import type { ChatCompletion, ChatRequest } from '../../inference/chat-completion.js';
import { toJson } from '../../json.js';
import type { ModelTarget } from '../../models/model-catalog.js';
import { parseBaseUrl } from '../base-url.js';
import type { Json, Provider } from '../provider.js';
import {
  keyOf,
  UpstreamClient,
  type ReadKey,
  type UpstreamClientConfig,
  type UpstreamRequest,
} from '../upstream-client.js';
import { readProblem } from './anthropic-problem.js';
import { isMessage, toCompletion } from './message.js';
import { MessageStreamReader } from './message-stream-reader.js';
import { toMessagesRequest } from './messages-request.js';
import { unsupported } from './unsupported.js';

/** https://platform.claude.com/docs/en/api/versioning */
const VERSION = '2026-10-21';

/** The last version that has `temperature` and the like, for the older models that take them. */
const SAMPLING_VERSION = '2023-06-01';
const SAMPLING = ['temperature', 'top_p', 'top_k'];

/**
 * Anthropic's own API, in OpenAI's terms.
 *
 * @param readKey gives the key that a target names; a target without one is called without
 */
export function createAnthropicProvider(config: UpstreamClientConfig, readKey: ReadKey): Provider {
  const client = new UpstreamClient(config, readProblem);

  const requestTo = (target: ModelTarget, request: ChatRequest): UpstreamRequest => {
    const body = toMessagesRequest(request);
    const key = keyOf(target, readKey);
    const isSampled = SAMPLING.some((field) => field in body);
    const headers = {
      'anthropic-version': isSampled ? SAMPLING_VERSION : VERSION,
      ...(key === undefined ? {} : { 'x-api-key': key }),
    };
    return { ...endpoint(target.baseUrl), headers, body };
  };

  return {
    async chat(request, call): Promise<Json<ChatCompletion>> {
      const upstreamRequest = requestTo(call.target, request);
      const { value: message } = await client.postForJson(upstreamRequest, call, isMessage);
      const value = toCompletion(message);
      return { value, text: toJson(value) };
    },

    chatStream: (request, call) => {
      const upstreamRequest = requestTo(call.target, request);
      return client.postForStream(upstreamRequest, call, new MessageStreamReader());
    },

    embed: () =>
      Promise.reject(
        unsupported(
          'model',
          'Anthropic has no models for embeddings: the name needs a target of another provider.',
        ),
      ),

    close: () => client.close(),
  };
}

/** The base may end in `/v1`, as OpenAI's does, or not, as Anthropic's own. */
function endpoint(baseUrl: string): { origin: string; path: string } {
  const { origin, path, search } = parseBaseUrl(baseUrl);
  return { origin, path: `${path.replace(/\/v1$/, '')}/v1/messages${search}` };
}
