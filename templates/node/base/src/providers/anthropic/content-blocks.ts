import { isRecord } from '../upstream-client.js';
import { unsupported } from './unsupported.js';

/** A part of a message, as Anthropic's API has it. */
export interface Block {
  readonly type: string;
  readonly [field: string]: unknown;
}

/**
 * @param content of a message of OpenAI's API: a text, or parts
 * @param path of the content within the request
 */
export function toBlocks(content: unknown, path: string): readonly Block[] {
  if (content == null) return [];
  if (typeof content === 'string') return toTextBlocks({ type: 'text', text: content });
  if (!Array.isArray(content))
    throw unsupported(path, `${path} must be a text or a list of parts.`);
  return content.flatMap((part: unknown, index) => toPartBlocks(part, `${path}.${index}`));
}

function toPartBlocks(part: unknown, path: string): readonly Block[] {
  const { type, ...fields } = isRecord(part) ? part : {};
  switch (type) {
    case 'text':
      // Both APIs write it alike, so what a part says besides, such as `cache_control`, passes through.
      return toTextBlocks({ ...fields, type });
    case 'refusal':
      return toTextBlocks({ type: 'text', text: fields.refusal });
    case 'image_url':
      return [{ type: 'image', source: imageSource(fields.image_url, `${path}.image_url`) }];
    case 'file':
      return [documentBlock(fields.file, `${path}.file`)];
    default:
      throw unsupported(`${path}.type`, `Anthropic takes no "${String(type)}" in messages.`);
  }
}

/** Anthropic refuses texts with nothing in them. */
function toTextBlocks(block: Block): readonly Block[] {
  return typeof block.text === 'string' && block.text.trim() === '' ? [] : [block];
}

function imageSource(image: unknown, path: string): Block {
  const url = isRecord(image) ? image.url : undefined;
  if (typeof url !== 'string') throw unsupported(path, `${path} must have a \`url\`.`);
  return url.startsWith('data:') ? base64Source(url, `${path}.url`) : { type: 'url', url };
}

function documentBlock(file: unknown, path: string): Block {
  const { file_data: data, filename } = isRecord(file) ? file : {};
  if (typeof data !== 'string') {
    throw unsupported(path, "Anthropic takes files by `file_data`: OpenAI's file ids are not its.");
  }
  const source = base64Source(data, `${path}.file_data`);
  return { type: 'document', source, title: filename ?? undefined };
}

/** By hand, since a regular expression would walk through megabytes. */
function base64Source(dataUrl: string, path: string): Block {
  const comma = dataUrl.indexOf(',');
  const header = dataUrl.slice(0, Math.max(comma, 0));
  if (!header.startsWith('data:') || !header.endsWith(';base64')) {
    throw unsupported(path, `${path} must be a URL of the form \`data:<type>;base64,<data>\`.`);
  }
  const [mediaType] = header.slice('data:'.length).split(';');
  return { type: 'base64', media_type: mediaType, data: dataUrl.slice(comma + 1) };
}
