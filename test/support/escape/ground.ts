import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { Cgroup, DEFAULT_SECCOMP_PROFILE, ensureCgroup, InvalidConfig, StartError } from '@plimsoll/core';
import { SharedLibraries } from '../../../apps/agent/src/images/shared-libraries.ts';
import { Core, type TestContainer, type ContainerOptions } from '../core.ts';
import type { Attempt } from './attempt.ts';
import { makeAttemptsLayer, PRELOADED, PROGRAM } from './attempts-program.ts';
import type { Weakening } from './weaken.ts';

export interface Verdict {
  escaped: boolean;
  /** `held: open /proc/sys/kernel/core_pattern: EROFS` */
  how: string;
}

/** A host with something to get at, and containers that try. */
export class Ground implements AsyncDisposable {
  readonly core: Core;
  /** Its cgroups allow every device. Null: nobody asked for that. */
  readonly #open: Core | null;
  readonly layer: string;
  /** For the host itself. */
  readonly program: string;
  /** A file of the host's, for its root alone. */
  readonly secret: { path: string; text: string };
  /** An empty directory of the host's. */
  readonly outside: string;
  /** The libraries of the program that starts containers. */
  readonly runtimeLayer: string;
  /** Environment that has code of the attempts' run first in whatever is linked dynamically. */
  readonly preloading = [`LD_PRELOAD=${PRELOADED}`];

  private constructor(core: Core, open: Core | null) {
    this.core = core;
    this.#open = open;
    this.layer = join(core.directory, 'attempts');
    this.program = makeAttemptsLayer(this.layer);
    this.secret = { path: join(core.directory, 'secret'), text: randomBytes(16).toString('hex') };
    writeFileSync(this.secret.path, this.secret.text, { mode: 0o600 });
    this.outside = join(core.directory, 'outside');
    mkdirSync(this.outside);
    this.runtimeLayer = join(core.directory, 'libraries');
    for (const { source, path } of new SharedLibraries().of(process.execPath)) {
      const target = join(this.runtimeLayer, path);
      mkdirSync(dirname(target), { recursive: true });
      cpSync(source, target);
    }
  }

  static async make({ everyDevice = false } = {}): Promise<Ground> {
    const core = await Core.make();
    const open = everyDevice ? await Core.make() : null;
    if (open !== null) ensureCgroup(new Cgroup(open.layout, `${open.cgroupRoot}/default`), [{ allow: true }]);
    const ground = new Ground(core, open);
    // The group's cgroup stays after its containers, and nothing else does.
    for (const one of [core, open]) await one?.run(['true']);
    return ground;
  }

  /** Plays the attempts' program on the host, and gives what it prints. Throws where it does not succeed. */
  onHost(...words: string[]): string {
    return execFileSync(this.program, words, { encoding: 'utf8' }).trim();
  }

  /** With the filter that the supervisor gives each container, and then weakened. */
  container({ attempt, options }: Attempt, weakening?: Weakening): TestContainer {
    const core = weakening?.everyDevice === true ? this.#open : this.core;
    if (core === null) throw new Error('no cgroups that allow every device were asked for');
    const { layers = [], edit, ...other } = options?.(this) ?? {};
    const editAll: ContainerOptions['edit'] = (config) => {
      config.linux.seccomp = DEFAULT_SECCOMP_PROFILE;
      edit?.(config);
      weakening?.edit?.(config);
    };
    const args = [PROGRAM, ...attempt(this)];
    return core.container({ args, ...other, layers: [this.layer, ...layers, ...core.baseLayers], edit: editAll });
  }

  /** Throws for what is no verdict: an attempt that was not made proves nothing. */
  async try(attempt: Attempt, weakening?: Weakening): Promise<Verdict> {
    let made: TestContainer;
    try {
      made = this.container(attempt, weakening);
    } catch (error) {
      if (error instanceof InvalidConfig) return { escaped: false, how: `held: ${error.message}` };
      throw error;
    }
    await using container = made;
    const how = await outcomeOf(attempt, container, weakening);
    if (attempt.escaped === undefined) return { escaped: how.startsWith('escaped: '), how };
    const escaped = attempt.escaped(this, container);
    rmSync(this.outside, { recursive: true });
    mkdirSync(this.outside);
    return { escaped, how };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open?.[Symbol.asyncDispose]();
    await this.core[Symbol.asyncDispose]();
  }
}

async function outcomeOf(attempt: Attempt, container: TestContainer, weakening?: Weakening): Promise<string> {
  const started = await container.start(weakening?.inspect).catch((error: unknown) => {
    if (error instanceof StartError && attempt.refused?.test(error.message) === true) return error;
    throw error;
  });
  if (started instanceof StartError) return `held: ${started.message}`;
  const exit = await started.process.exited;
  await started.settle();
  const { stdout, stderr } = container.output();
  const verdict = stdout.trim().split('\n').at(-1) ?? '';
  if (exit.code === 0 && attempt.escaped !== undefined) return verdict === '' ? 'it ran' : verdict;
  if (exit.code === 0 && verdict.startsWith('escaped: ')) return verdict;
  if (exit.code === 1 && verdict.startsWith('held: ')) return verdict;
  if (attempt.killed === true && exit.signal === constants.signals.SIGKILL) return 'held: it was killed';
  throw new Error(`no verdict: it ended with ${JSON.stringify(exit)}: ${stdout}${stderr}`);
}
