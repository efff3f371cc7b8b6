/**
 * The generated servers of all frameworks, side by side, each with its own floor.
 *
 *   npm run bench:frameworks [-- --rounds 5 --seconds 3 --only proxied,streams --save]
 *
 * What is measured and how is said in README.md. With `--save` the figures go into results.json, on which the choice of
 * a framework rests.
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readOptions } from './options.mjs';
import { Bench, COMMON_OPTIONS } from './server/bench.mjs';
import { describeMachine, figuresOf, printFrameworks } from './server/framework-report.mjs';
import { prepareProject } from './server/prepare.mjs';
import { floor, FRAMEWORK_NAMES, generatedServer } from './server/subjects.mjs';

const REPOSITORY = dirname(import.meta.dirname);

const options = readOptions('What each framework costs, beside its own floor.', {
  ...COMMON_OPTIONS,
  frameworks: { help: 'which', oneOf: FRAMEWORK_NAMES },
  save: { help: 'writes the figures to bench/results.json', value: false },
});

await Bench.run(options, async (bench) => {
  const upstream = await bench.startUpstream();
  const pairs = (options.frameworks ?? FRAMEWORK_NAMES).map((framework) => ({
    framework,
    generated: generatedServer(
      framework,
      prepareProject(REPOSITORY, bench.scratch, framework),
      upstream,
    ),
    floor: floor(framework, REPOSITORY, upstream),
  }));
  const subjects = pairs.flatMap(({ generated, floor }) => [generated, floor]);
  const measured = await bench.measure(
    subjects,
    pairs.map(({ generated }) => generated.name),
  );
  const results = { machine: describeMachine(options), frameworks: figuresOf(pairs, measured) };
  printFrameworks(results);
  if (options.save) {
    const text = `${JSON.stringify(results, null, 2)}\n`;
    writeFileSync(join(import.meta.dirname, 'results.json'), text);
  }
});
