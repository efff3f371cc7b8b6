import { join } from 'node:path';
import { TEMPLATES } from './frameworks.js';

/** A project's tests run in the project's folder; where they lie, that is the layer with its models.json. */
process.chdir(join(TEMPLATES, 'node/provider-openai'));
