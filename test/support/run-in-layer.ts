import { join } from 'node:path';

/** A project's tests run in the project's folder; where they lie, that is the layer with its models.json. */
process.chdir(join(import.meta.dirname, '../../templates/node/provider-openai'));
