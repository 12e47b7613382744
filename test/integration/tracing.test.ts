// @module-tag kernel

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  childrenOf,
  commandName,
  namespacePath,
  NAMESPACE_TYPES,
  setUndumpable,
  type NamespaceType,
  type OciConfig,
} from '@plimsoll/core';
import { describe, expect, test } from 'vitest';
import { Core, type TestContainer } from '../support/core.ts';
import { probeLayer, WITHOUT_PROBE } from '../support/probe/probe.ts';

/** pause(2) on x86-64. */
const PAUSE = 34;
/** prctl(2). */
const SET_DUMPABLE = { value: 4, text: 'PR_SET_DUMPABLE' };

/** In the container that looks on: waits for a process id, and tries all that ptrace(2) guards. */
const LOOK_ON = `
until [ -s /told/pid ]; do sleep 0.01; done
pid=$(cat /told/pid)
echo trace: $(/probe trace $pid 2>&1)
[ ! -d /proc/$pid ] || for look in 'ls root/' 'ls cwd/' 'ls fd' 'readlink exe' 'head -c 1 maps'; do
  echo $look: $(cd /proc/$pid && $look > /dev/null 2>&1 && echo seen || echo denied)
done
echo done
exec sleep infinity`;

let told = 0;

/** A container whose root may trace, and another that is held in the middle of its start, in namespaces of the first. */
class Onlooker implements AsyncDisposable {
  readonly #told: string;
  readonly #container: TestContainer;

  constructor(core: Core, layer: string, edit: (config: OciConfig) => void) {
    this.#told = join(core.directory, `told-${told++}`);
    mkdirSync(this.#told);
    this.#container = core.container({
      args: ['/bin/sh', '-c', LOOK_ON],
      layers: [layer, ...core.baseLayers],
      edit: (config) => {
        const { capabilities } = config.process;
        for (const set of ['bounding', 'effective', 'permitted', 'inheritable'] as const) {
          capabilities[set] = [...capabilities[set], 'CAP_SYS_PTRACE'];
        }
        config.mounts.push({ destination: '/told', type: 'bind', source: this.#told, options: ['bind'] });
        edit(config);
      },
    });
  }

  /** What it is told of the process that stops at a step of the other's start. `opened`: a step by which it lets itself be traced. */
  async tells(joined: readonly NamespaceType[], purpose: string, opened?: string): Promise<string> {
    const started = await this.#container.start();
    await started.settle();
    const { uidMappings = [], gidMappings = [] } = this.#container.request.config.linux;
    // Its zygote has started nothing yet: a change of user in the memory that it shares with a start makes that undumpable.
    await using core = await Core.make();
    await using other = core.container({
      args: ['true'],
      edit: ({ linux }) => {
        linux.namespaces = NAMESPACE_TYPES.map((type) =>
          joined.includes(type) ? { type, path: namespacePath(started.process.pid, type) } : { type },
        );
        Object.assign(linux, { uidMappings, gidMappings });
      },
    });
    const start = other.start(({ steps }) => {
      // The last: some kernels have the intermediate process keep mounts from the host too.
      const index = steps.findLastIndex((step) => step.purpose === purpose);
      const step = steps[index];
      if (step !== undefined) steps[index] = { ...step, syscall: 'pause', arguments: [] };
      const opening = steps.findIndex((one) => one.purpose === opened);
      const open = steps[opening];
      if (open !== undefined) steps[opening] = { ...open, syscall: 'prctl', arguments: [SET_DUMPABLE, 1, 0, 0, 0] };
    });
    start.catch(() => {});
    const held = await this.#untilHeld();
    const inside = /^NSpid:.*\t(\d+)$/m.exec(readFileSync(`/proc/${held}/status`, 'utf8'))?.[1] ?? '';
    writeFileSync(join(this.#told, 'pid'), inside);
    let printed = '';
    await expect.poll(() => (printed += this.#container.output().stdout)).toMatch(/done\n$/);
    process.kill(held, 'SIGKILL');
    await start.catch(() => {});
    return printed;
  }

  /** The process that waits in pause(2) and has the name of a start's. */
  async #untilHeld(): Promise<number> {
    const isHeld = (pid: number) =>
      commandName(pid) === 'plimsoll-start' && readFileSync(`/proc/${pid}/syscall`, 'utf8').startsWith(`${PAUSE} `);
    const held = () => childrenOf(process.pid).filter(isHeld);
    await expect.poll(held).toHaveLength(1);
    return held()[0] ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#container[Symbol.asyncDispose]();
  }
}

/** Sees the host's processes, and has a user namespace of its own. */
function besideTheHosts(config: OciConfig): void {
  config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'pid');
  config.mounts = config.mounts.filter(({ type }) => type !== 'proc');
  Object.assign(config.linux, { maskedPaths: [], readonlyPaths: [] });
}

interface Case {
  who: string;
  at: string;
  edit: (config: OciConfig) => void;
  joined: NamespaceType[];
}

const CASES: Case[] = [
  { who: 'the intermediate process', at: 'make the time namespace', edit: besideTheHosts, joined: ['user'] },
  { who: 'the first process, as it begins', at: 'keep mounts from the host', edit: () => {}, joined: ['user', 'pid'] },
  {
    who: 'the first process, the host’s root beneath it',
    at: "let go of the host's root",
    edit: () => {},
    joined: ['user', 'pid'],
  },
];

const DENIED = /^trace: Operation not permitted\n(?:.+: denied\n)*done\n$/;

describe.skipIf(WITHOUT_PROBE !== null)(
  `a start in another container’s user namespace${WITHOUT_PROBE === null ? '' : ` (${WITHOUT_PROBE})`}`,
  () => {
    async function look(core: Core, { at, edit, joined, opened }: Case & { opened?: string }): Promise<string> {
      await using onlooker = new Onlooker(core, probeLayer(core.directory), edit);
      return await onlooker.tells(joined, at, opened);
    }

    // What the next tests show is worth something where this one holds.
    test('could be traced by that one’s root, if it let itself be traced', async () => {
      await using core = await Core.make();
      const beside = await look(core, { ...CASES[0]!, at: 'make the first process', opened: 'make the time namespace' });
      const beginning = await look(core, { ...CASES[1]!, opened: 'be the first process' });
      expect(beside).toBe('trace: traced\ndone\n');
      expect(beginning).toMatch(/^trace: traced\nls root\/: seen\n/);
    });

    // Who joins a user namespace of another owner is not dumpable (kernel/cred.c, cred_cap_issubset).
    test('cannot, since that is not the host’s root’s', async () => {
      await using core = await Core.make();
      for (const one of CASES) expect(await look(core, one), one.who).toMatch(DENIED);
    });

    test('cannot, since no supervisor can', async () => {
      setUndumpable();
      await using core = await Core.make();
      for (const one of CASES) expect(await look(core, one), one.who).toMatch(DENIED);
    });
  },
);
