import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TestContainer, ContainerOptions } from '../core.ts';
import { expectAsBefore, type Snapshot } from '../snapshot.ts';
import { whyNoAttempts } from './attempts-program.ts';
import { Ground } from './ground.ts';
import { hostState } from './host-state.ts';
import { together, type Weakening } from './weaken.ts';

/** A way out of a container, as somebody went it before. */
export interface Attempt {
  title: string;
  /** The CVE, or the name that it goes by. */
  after: string;
  /** Why this host has nothing to try it on; null: it has. */
  absent?: string | null;
  /** What there has to be on the host before. */
  prepare?: (ground: Ground) => void;
  /** Takes it away again. */
  clear?: (ground: Ground) => void;
  /** Words for the attempts' program in the container. What it says and exits with is the verdict. */
  attempt: (ground: Ground) => string[];
  /** What the container has beside; `args` in place of the attempts' program. */
  options?: (ground: Ground) => ContainerOptions;
  /** What lets it succeed: each of several parts is needed, since what it takes away would hold it alone. */
  weakened: Weakening;
  /** The verdict by what there is on the host then, for attempts that take a runtime for a ride. */
  escaped?: (ground: Ground, container: TestContainer) => boolean;
  /** What a start is refused with that holds it. */
  refused?: RegExp;
  /** The errno of a kernel that lacks what it needs, which is only seen where nothing else holds it. */
  missing?: string;
  /** SIGKILL holds it. */
  killed?: boolean;
}

/** One test that each is held by a container as it comes, one that it would be noticed; and the host is as before each time. */
export function describeAttempts(attempts: readonly Attempt[], more?: (ground: () => Ground) => void): void {
  describe.skipIf(whyNoAttempts !== null)(`attempts${whyNoAttempts === null ? '' : ` (${whyNoAttempts})`}`, () => {
    let ground: Ground;
    let before: { snapshot: Snapshot; host: Record<string, string> };
    beforeAll(async () => {
      ground = await Ground.make({ everyDevice: attempts.some(({ weakened }) => weakened.everyDevice === true) });
      for (const { absent = null, prepare } of attempts) if (absent === null) prepare?.(ground);
    });
    afterAll(async () => {
      for (const { absent = null, clear } of attempts) if (absent === null) clear?.(ground);
      await ground[Symbol.asyncDispose]();
    });
    beforeEach(async () => void (before = { snapshot: await ground.core.snapshot(), host: hostState() }));
    afterEach(async () => {
      expect(hostState()).toEqual(before.host);
      await expectAsBefore(ground.core.place, before.snapshot);
    });

    for (const attempt of attempts) {
      const { title, after, absent = null, weakened } = attempt;
      describe.skipIf(absent !== null)(`${title} (${absent ?? after})`, () => {
        test('is held', async ({ annotate }) => {
          const { escaped, how } = await ground.try(attempt);
          await annotate(how);
          expect(escaped, how).toBe(false);
        });

        test(`leads out of a container ${weakened.what}`, async ({ annotate, skip }) => {
          const { escaped, how } = await ground.try(attempt, weakened);
          await annotate(how);
          if (how.endsWith(`: ${attempt.missing}`)) skip('this kernel lacks what it takes');
          expect(escaped, how).toBe(true);
        });

        const { parts = [] } = weakened;
        if (parts.length === 0) return;
        test('is held by each of these defences alone', async ({ annotate }) => {
          for (const defence of parts) {
            const others = together(...parts.filter((part) => part !== defence));
            const { escaped, how } = await ground.try(attempt, others);
            await annotate(`${others.what}: ${how}`);
            expect(escaped, `${others.what}: ${how}`).toBe(false);
          }
        });
      });
    }
    more?.(() => ground);
  });
}
