import { apiKeyList } from './access/api-key-list.js';
import { createApiKey } from './access/create-api-key.js';

/** Makes an API key for the tenant that is named on the command line. */
function main([tenant = '']: readonly string[]): void {
  const { key, entry } = createApiKey(tenant);
  if (!apiKeyList.safeParse(entry).success) {
    console.error('Name the tenant, by 1 to 64 letters, digits, ".", "_" and "-": create-key acme');
    process.exitCode = 1;
    return;
  }
  console.log(`The key, for its owner alone. It is shown this once:

  ${key}

What API_KEYS takes, after a comma where there is one already:

  ${entry}
`);
}

main(process.argv.slice(2));
