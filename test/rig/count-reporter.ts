import type { Reporter, TestModule } from 'vitest/node';

/** Ends a run with `N passed, N failed[, N skipped]` alone on a line, which is what CI reads. */
export function countReporter(): Reporter {
  return {
    onTestRunEnd(modules, unhandledErrors) {
      const count = (state: 'passed' | 'failed' | 'skipped') =>
        modules.reduce((sum, module) => sum + [...module.children.allTests(state)].length, 0);
      const skipped = count('skipped');
      const failed =
        count('failed') + modules.filter(brokeOutsideTests).length + unhandledErrors.length;
      process.stdout.write(
        `\n${count('passed')} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
      );
    },
  };
}

/** A file that cannot be loaded, or whose hook throws, has no failed test to be counted by. */
function brokeOutsideTests(module: TestModule): boolean {
  return (
    module.errors().length > 0 ||
    [...module.children.allSuites()].some((suite) => suite.errors().length > 0)
  );
}
