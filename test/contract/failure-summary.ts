import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';

type Broken = TestCase | TestModule | TestSuite;

/** Ends the output with a line for each sentence of the contract that does not hold. */
export default class FailureSummary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const broken = modules.flatMap((module) => [
      ...[module, ...module.children.allSuites()].filter((each) => each.errors().length > 0),
      ...module.children.allTests('failed'),
    ]);
    if (broken.length === 0) return;
    console.log(`\nBroken, ${String(broken.length)} in all:`);
    for (const each of broken) console.log(`  ${describe(each)}`);
  }
}

function describe(broken: Broken): string {
  const errors = broken.type === 'test' ? broken.result().errors : broken.errors();
  const [reason = ''] = errors?.[0]?.message.split('\n') ?? [];
  const names =
    broken.type === 'module'
      ? [broken.relativeModuleId]
      : [broken.module.relativeModuleId, broken.fullName];
  return [...names, reason].join(': ');
}
