import { beforeEach } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** Of each comparison that failed: vitest's JSON report has its message alone. */
    differences?: string[];
  }
}

// Called after the hooks that follow a test, which may fail as well.
beforeEach(({ onTestFailed }) => {
  onTestFailed(({ task }) => {
    const differences = (task.result?.errors ?? []).flatMap(({ diff }) => (diff === undefined ? [] : [diff]));
    task.meta.differences = differences;
  });
});
