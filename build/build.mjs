/** Builds the package without a word, as long as nothing is wrong: `npm pack --silent` prints the name of its file alone. */
import { build } from 'rolldown';
import { loadConfig } from 'rolldown/config';

const options = await loadConfig('rolldown.config.ts');
await build(options);
