import { Cancelled, TemplateError } from '../../errors.js';
import type { Answers } from '../../options/option.js';
import type { ForeignTemplate, OpenedTemplate } from '../../template/open-template.js';
import type { Asker } from '../interview.js';
import { quote, quoteCommand } from '../quote.js';
import { templateCommands } from './template-commands.js';

/**
 * What came from elsewhere is used only after somebody who saw where it is from and what it would run said yes, or when
 * its digest was given. Throws a TemplateError where nobody can be asked, and Cancelled for a no.
 */
export async function confirmTrust(
  { foreign, isVouchedFor }: OpenedTemplate,
  { trust }: Answers,
  asker: Asker | undefined,
): Promise<void> {
  if (isVouchedFor) return;
  const trusted = trust === undefined ? [] : String(trust).split(',');
  for (const each of foreign) {
    const digest = each.template.digest();
    if (trusted.includes(digest)) continue;
    if (trusted.length > 0) throw new TemplateError(otherDigest(each, digest, trusted));
    if (!asker) throw new TemplateError(untrusted(each, digest));
    const isTrusted = await asker.ask({
      name: `trust ${digest}`,
      type: 'boolean',
      label: 'Do you trust it?',
      help: '',
      default: false,
      preface: () => describeForeign(each),
    });
    if (isTrusted !== true) throw new Cancelled();
  }
}

/** Where it is from, and what it would run here. */
export function describeForeign({ source, resolved, template }: ForeignTemplate): string {
  const { length } = template.parents.filter(({ isBuiltIn }) => isBuiltIn);
  const commands = [
    ...templateCommands(template).map(quoteCommand),
    ...(length === 0 ? [] : ['what the built-in templates run that it is made on']),
  ];
  return [
    `The template ${template.manifest.name} comes from elsewhere:`,
    `  source   ${source}`,
    `  is       ${resolved}`,
    `  digest   ${template.digest()}`,
    `  runs     ${commands.length === 0 ? 'nothing' : commands.join('\n           ')}`,
  ].join('\n');
}

function untrusted({ source }: ForeignTemplate, digest: string): string {
  return `${source} comes from elsewhere, and nobody can be asked whether to trust it. Look at it with: create-ai-backend template show ${quote(source)}; then add --trust ${digest}`;
}

function otherDigest(
  { source, resolved }: ForeignTemplate,
  digest: string,
  trusted: readonly string[],
): string {
  return `${source} (${resolved}) has the digest ${digest}, which is not what --trust says: ${trusted.join(', ')}. It is another template, or it has changed. Look at it with: create-ai-backend template show ${quote(source)}`;
}
