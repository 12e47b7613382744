import { or } from '../abi/flags.ts';
import { AT_FDCWD, O } from '../abi/open.ts';
import { PathProgram } from './path-program.ts';
import type { CgroupReading } from './reading.ts';
import type { Target } from './sources/source.ts';
import { pathOf, type Tier } from './tier.ts';

const STEPS = { open: 0, read: 1, close: 2 } as const;
const STEPS_EACH = 3;

/** Reads the files of one cgroup at a time, opened for it and closed again. */
export class PassingFiles implements Disposable {
  readonly #tier: Tier;
  readonly #program: PathProgram;

  constructor(tier: Tier) {
    this.#tier = tier;
    this.#program = new PathProgram(tier.sources.length, (program, path, source) => {
      const file = program.call('open', 'openat', [AT_FDCWD, path, or(O, 'O_RDONLY', 'O_CLOEXEC')], { tolerate: 'any' });
      program.timed = source === 0;
      const room = tier.sources[source]?.bytes ?? 0;
      program.call('read', 'pread64', [file, tier.address(0, source), room, 0], { tolerate: 'any' });
      program.timed = false;
      program.call('close', 'close', [file], { tolerate: 'any' });
    });
  }

  /** False: none of its files could be read. */
  read(target: Target, reading: CgroupReading): boolean {
    const { sources } = this.#tier;
    const { loaded } = this.#program;
    for (let source = 0; source < sources.length; source++) {
      this.#program.setPath(source, pathOf(sources[source]!, target));
    }
    loaded.run();
    this.#tier.stamp(reading, loaded.doneAtNs(STEPS.read));
    let any = false;
    for (let source = 0; source < sources.length; source++) {
      const length = loaded.result(source * STEPS_EACH + STEPS.read);
      any ||= length >= 0;
      this.#tier.take(source, 0, length, reading);
    }
    return any;
  }

  [Symbol.dispose](): void {
    this.#program[Symbol.dispose]();
  }
}
