import type { CommandWords, Flag, Takes, Words } from './words.js';

/** For a file `_create-ai-backend` in `$fpath`, or for `~/.zshrc` by way of `source`. */
export function completeInZsh({ usual, others }: Words): string {
  return `#compdef create-ai-backend
# zsh completion of create-ai-backend
_create_ai_backend_first() {
  local -a commands=(
${others.map(({ name, help }) => `    ${quote(`${name}:${escapeColons(help)}`)}`).join('\n')}
  )
  _describe command commands
  _directories
}
_create_ai_backend() {
  local word
  for word in \${words[2,CURRENT-1]}; do
    case $word in
${others.map(commandCase).join('\n')}
    esac
  done
  _arguments -s ${[...usual.flags.map(argument), "'1:directory or command:_create_ai_backend_first'"].join(LINE)}
}
if [ "$funcstack[1]" = _create-ai-backend ]; then
  _create_ai_backend "$@"
else
  compdef _create_ai_backend create-ai-backend
fi`;
}

const LINE = ' \\\n    ';

function commandCase({ name, operands, flags }: CommandWords): string {
  const operand = operands ? ` '2:value:(${operands.join(' ')})'` : '';
  const list = flags.map(argument).join(' ');
  return `      ${name}) _arguments -s '1:command:(${name})'${operand} ${list}; return ;;`;
}

function argument({ name, alias, help, takes }: Flag): string {
  const text = `[${help.replaceAll(/[[\]:]/g, String.raw`\$&`)}]`;
  const long = takes === 'nothing' ? `--${name}${text}` : `--${name}=${text}${value(takes)}`;
  return alias === undefined ? quote(long) : `${quote(long)} ${quote(`-${alias}${text}`)}`;
}

function value(takes: Takes): string {
  if (takes === 'file') return ':file:_files';
  if (takes === 'folder') return ':folder:_directories';
  return typeof takes === 'string' ? ':value: ' : `:value:(${takes.join(' ')})`;
}

function escapeColons(text: string): string {
  return text.replaceAll(':', String.raw`\:`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
