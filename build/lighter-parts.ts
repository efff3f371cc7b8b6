import { resolve } from 'node:path';
import type { Plugin } from 'rolldown';

type Replacement = { readonly file: string } | { readonly code: string };

/**
 * Parts of libraries that are costly at start, or large, and that this program never reaches; and what stands in for
 * them in the bundle. `importer > what it imports`. The tests run the bundle, so a part that is missed shows there.
 */
const LIGHTER: Readonly<Record<string, Replacement>> = {
  // Tables of every script's width, where the help is ASCII: parsing them takes longer than all else in a run.
  'cliui/index.mjs > string-width': { file: 'src/cli/ascii-text/string-width.ts' },
  'cliui/index.mjs > strip-ansi': { file: 'src/cli/ascii-text/strip-ansi.ts' },
  'cliui/index.mjs > wrap-ansi': { file: 'src/cli/ascii-text/wrap-ansi.ts' },
  // execa: commands run synchronously, template strings, message passing, pipes, streams, transforms, lines, `verbose`,
  // `node`, `cancelSignal`, bound options and local binaries are not used; what it is given has been checked by the compiler.
  'execa/lib/methods/create.js > ./main-sync.js': {
    code: 'export const execaCoreSync = undefined;',
  },
  'execa/index.js > ./lib/ipc/methods.js': {
    code: 'export const getIpcExport = () => ({});',
  },
  'execa/lib/methods/main-async.js > ../ipc/methods.js': {
    code: 'export const addIpcMethods = () => {};',
  },
  'execa/lib/resolve/wait-subprocess.js > ../ipc/buffer-messages.js': {
    code: `export const waitForIpcOutput = async ({ ipcOutput }) => ipcOutput;
export const getBufferedIpcOutput = async (_promise, ipcOutput) => ipcOutput;`,
  },
  'execa/lib/methods/create.js > ./template.js': {
    code: 'export const isTemplateString = () => false, parseTemplates = undefined;',
  },
  'execa/lib/methods/main-async.js > ../pipe/setup.js': {
    code: 'export const pipeToSubprocess = () => {};',
  },
  'execa/lib/methods/main-async.js > ../convert/add.js': {
    code: 'export const addConvertedStreams = () => {};',
  },
  'execa/lib/arguments/command.js > ../verbose/start.js': {
    code: 'export const logCommand = () => {};',
  },
  'execa/lib/return/reject.js > ../verbose/complete.js': {
    code: 'export const logResult = () => {};',
  },
  'execa/lib/io/contents.js > ../verbose/output.js': {
    code: 'export const shouldLogOutput = () => false, logLines = undefined;',
  },
  'execa/lib/stdio/handle.js > ../transform/normalize.js': {
    code: 'export const normalizeTransforms = (stdioItems) => stdioItems;',
  },
  'execa/lib/stdio/handle-async.js > ../transform/generator.js': {
    code: 'export const generatorToStream = undefined;',
  },
  'execa/lib/stdio/handle.js > ./duplicate.js': {
    code: 'export const filterDuplicates = (stdioItems) => stdioItems, getDuplicateStream = () => {};',
  },
  'execa/lib/stdio/handle.js > ./native.js': {
    code: 'export const handleNativeStream = ({ stdioItem }) => stdioItem;',
  },
  // Streams are inherited, ignored, or read by this program; the first may be written to, as `input`.
  'execa/lib/stdio/handle.js > ./type.js': {
    code: `export const FILE_TYPES = new Set();
export const getStdioItemType = () => 'native', isRegularUrl = () => false, isUnknownStdioString = () => false;`,
  },
  'execa/lib/stdio/handle-async.js > ./type.js': { code: 'export const TYPE_TO_MESSAGE = {};' },
  'execa/lib/io/output-async.js > ../stdio/type.js': {
    code: 'export const TRANSFORM_TYPES = new Set();',
  },
  'execa/lib/resolve/wait-subprocess.js > ../stdio/type.js': {
    code: 'export const TRANSFORM_TYPES = new Set();',
  },
  'execa/lib/stdio/handle.js > ./direction.js': {
    code: "export const getStreamDirection = (_stdioItems, fdNumber) => (fdNumber === 0 ? 'input' : 'output');",
  },
  'execa/lib/stdio/handle.js > ./input-option.js': {
    code: `export const handleInputOptions = ({ input }, fdNumber) =>
  input === undefined || fdNumber > 0 ? [] : [{ type: 'string', value: input }];`,
  },
  'execa/lib/stdio/handle.js > ../transform/object-mode.js': {
    code: 'export const getFdObjectMode = () => false;',
  },
  'execa/lib/io/contents.js > ./iterate.js': {
    code: `import { on } from 'node:events';
export async function* iterateForResult({ stream, onStreamEnd }) {
  const end = new AbortController();
  onStreamEnd.catch(() => stream.destroy()).finally(() => end.abort());
  try {
    for await (const [chunk] of on(stream, 'data', end)) yield chunk;
  } catch (error) {
    if (!end.signal.aborted) throw error;
  }
}`,
  },
  'execa/lib/methods/create.js > ./parameters.js': {
    code: 'export const normalizeParameters = (file, args, options = {}) => [file, args, options];',
  },
  'execa/lib/arguments/options.js > ./encoding-option.js': {
    code: `export const validateEncoding = () => {};
export const BINARY_ENCODINGS = new Set(['buffer']);`,
  },
  // No option is another one for each stream.
  'execa/lib/arguments/command.js > ./specific.js': {
    code: 'export const normalizeFdSpecificOption = () => [];',
  },
  'execa/lib/arguments/options.js > ./specific.js': {
    code: `const defaults = { lines: false, buffer: true, maxBuffer: 1e8, verbose: 'none', stripFinalNewline: true };
export const normalizeFdSpecificOptions = (options) => {
  const streams = 1 + (Array.isArray(options.stdio) ? Math.max(options.stdio.length, 3) : 3);
  const ofEach = ([name, value]) => [name, Array(streams).fill(options[name] ?? value)];
  return { ...options, ...Object.fromEntries(Object.entries(defaults).map(ofEach)) };
};`,
  },
  'execa/lib/arguments/options.js > ../methods/node.js': {
    code: 'export const handleNodeOption = (...command) => command;',
  },
  'execa/lib/arguments/options.js > ../ipc/ipc-input.js': {
    code: 'export const validateIpcInputOption = () => {};',
  },
  'execa/lib/resolve/wait-subprocess.js > ../ipc/ipc-input.js': {
    code: 'export const sendIpcInput = async () => {};',
  },
  'execa/lib/arguments/options.js > ../terminate/cancel.js': {
    code: 'export const validateCancelSignal = () => {};',
  },
  'execa/lib/resolve/wait-subprocess.js > ../terminate/cancel.js': {
    code: 'export const throwOnCancel = () => [];',
  },
  'execa/lib/arguments/options.js > ../terminate/graceful.js': {
    code: 'export const validateGracefulCancel = () => {};',
  },
  'execa/lib/resolve/wait-subprocess.js > ../terminate/graceful.js': {
    code: 'export const throwOnGracefulCancel = () => [];',
  },
  'execa/lib/arguments/command.js > ../verbose/info.js': {
    code: 'export const getVerboseInfo = () => ({});',
  },
  'execa/lib/stdio/stdio-option.js > ../verbose/values.js': {
    code: 'export const isFullVerbose = () => false;',
  },
  'execa/lib/methods/create.js > ./bind.js': {
    code: 'export const mergeOptions = (bound, options) => ({ ...bound, ...options });',
  },
  'get-stream/source/stream.js > @sec-ant/readable-stream/ponyfill': {
    code: 'export const asyncIterator = undefined;',
  },
  'execa/lib/arguments/options.js > npm-run-path': {
    code: 'export const npmRunPathEnv = ({ env }) => env;',
  },
  // fs-extra: moving, synchronously, is all that is used.
  'fs-extra/lib/esm.mjs > ./empty/index.js': { code: 'export default {};' },
  'fs-extra/lib/esm.mjs > ./ensure/index.js': { code: 'export default {};' },
  'fs-extra/lib/esm.mjs > ./json/index.js': { code: 'export default {};' },
  'fs-extra/lib/esm.mjs > ./output-file/index.js': { code: 'export default {};' },
  'fs-extra/lib/move/index.js > ./move': { code: 'module.exports = () => {};' },
  'fs-extra/lib/copy/index.js > ./copy': { code: 'module.exports = () => {};' },
  // A command that a signal has ended is described by the signal's name.
  'execa/lib/terminate/signal.js > human-signals': {
    code: 'export const signalsByName = new Proxy({}, { get: (_, name) => ({ description: name }) });',
  },
};

const VIRTUAL = '\0lighter:';

export function lighterParts(): Plugin {
  const unused = new Set(Object.keys(LIGHTER));
  return {
    name: 'lighter-parts',
    resolveId(source, importer) {
      const key = `${importer?.split('/node_modules/').at(-1) ?? ''} > ${source}`;
      const replacement = LIGHTER[key];
      unused.delete(key);
      if (!replacement) return null;
      return 'file' in replacement ? resolve(replacement.file) : VIRTUAL + key;
    },
    load(id) {
      const replacement = LIGHTER[id.slice(VIRTUAL.length)];
      return replacement && 'code' in replacement ? replacement.code : null;
    },
    buildEnd() {
      // A new version of a library may have moved the part: that must not go unnoticed.
      if (unused.size > 0) this.error(`Nothing imports these any more: ${[...unused].join(', ')}`);
    },
  };
}
