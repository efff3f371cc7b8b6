import type { Reporter, TestModule } from 'vitest/node';

/** Ends the output with a line for each sentence of the contract that does not hold. */
export default class FailureSummary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const failed = modules.flatMap((module) => [...module.children.allTests('failed')]);
    if (failed.length === 0) return;
    console.log(`\nBroken, ${failed.length} in all:`);
    for (const test of failed) {
      const [reason = ''] = test.result().errors?.[0]?.message.split('\n') ?? [];
      console.log(`  ${test.module.relativeModuleId}: ${test.fullName}: ${reason}`);
    }
  }
}
