// @module-tag kernel

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BindSources, directoryIdentity, UntrustedSource, type WritableDirectories } from '@plimsoll/core';
import { describe, expect, test } from 'vitest';
import { PROGRAM } from '../support/escape/attempts-program.ts';
import { describeAttempts } from '../support/escape/attempt.ts';
import type { Ground } from '../support/escape/ground.ts';
import { hostsRoot } from '../support/escape/weaken.ts';

const STARTS = 60;

describeAttempts([], (ground) => {
  /** What another container does below its bind: a directory and a link change places, over and over. */
  async function swapping(shared: string): Promise<AsyncDisposable> {
    mkdirSync(join(shared, 'sub'), { recursive: true });
    symlinkSync(dirname(ground().secret.path), join(shared, 'link'));
    const words = ['swap-names', join(shared, 'sub'), join(shared, 'link')];
    const swapper = spawn(ground().program, words, { stdio: 'ignore' });
    await once(swapper, 'spawn');
    return {
      async [Symbol.asyncDispose]() {
        swapper.kill('SIGKILL');
        await once(swapper, 'exit');
        rmSync(shared, { recursive: true });
      },
    };
  }

  /** One start with a bind of `source`. Whether it shows the secret; null: it was refused. */
  async function shows(source: string, writable: WritableDirectories): Promise<boolean | null> {
    const { core, layer, secret }: Ground = ground();
    await using container = core.container({
      args: [PROGRAM, 'read', '/d/secret', secret.text],
      layers: [layer, ...core.baseLayers],
      edit(config) {
        // The host's root would be let in: nothing but how the source is walked holds it.
        hostsRoot.edit?.(config);
        config.mounts.push({ destination: '/d', type: 'bind', source, options: ['rbind'] });
      },
    });
    using undo = new DisposableStack();
    try {
      container.request.sources = undo.use(BindSources.open(container.request.config.mounts, writable));
    } catch (error) {
      if (error instanceof UntrustedSource) return null;
      throw error;
    }
    const started = await container.start();
    const { code } = await started.process.exited;
    await started.settle();
    return code === 0;
  }

  async function race(writableOf: (shared: string) => WritableDirectories): Promise<(boolean | null)[]> {
    const shared = join(ground().core.directory, 'shared');
    await using _ = await swapping(shared);
    const seen: (boolean | null)[] = [];
    while (seen.length < STARTS && !seen.includes(true)) seen.push(await shows(join(shared, 'sub'), writableOf(shared)));
    return seen;
  }

  describe('a directory of the host, by a link in the place of a source that another container may write to', () => {
    test('is held, whichever of them it meets', async () => {
      const seen = await race((shared) => new Map([[directoryIdentity(statSync(shared, { bigint: true })), 'it']]));
      expect(seen).not.toContain(true);
      expect(new Set(seen)).toEqual(new Set([false, null]));
    });

    test('leads out of a container whose source is followed wherever it leads', async () => {
      expect(await race(() => new Map())).toContain(true);
    });
  });
});
