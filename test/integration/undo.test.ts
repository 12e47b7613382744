// @module-tag kernel

import { makeFifo, StartError, type Inspect } from '@plimsoll/core';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Words } from '../../packages/core/src/program/argument.ts';
import { Core } from '../support/core.ts';
import { FULL } from '../support/full.ts';
import { LAYOUTS } from '../support/layouts.ts';
import { SLOWNESS } from '../support/slowness.ts';
import { until } from '../support/until.ts';
import { expectAsBefore, processesOf } from '../support/snapshot.ts';

type Program = Parameters<Inspect>[0];

const limits = { cpus: 0.5, memoryBytes: 64 * 1024 * 1024, pids: 32 };
const MEBIBYTE = 1024 * 1024;

/** Makes one step fail that the kernel must refuse: no descriptor is -1. `purpose` is that step's. */
class FailingStep {
  purpose = '';
  #programs = 0;
  readonly inspect: Inspect;

  constructor(program: number, index: number) {
    this.inspect = ({ steps }) => {
      const step = steps[index];
      if (this.#programs++ !== program || step === undefined) return;
      this.purpose = step.purpose;
      steps[index] = { ...step, syscall: 'close', arguments: [-1], tolerate: [] };
    };
  }
}

/** Not steps of a start: the ends of programs, and what cannot fail or runs only when something else has. */
const EXEMPT = new Set(['end', 'getpid', 'exit_group']);

/** An emulated machine takes a second for a step: there, those that do the same to another path are tried once. */
const EACH_STEP = FULL || SLOWNESS === 1;
const tried = new Set<string>();

function isToBeTried({ syscall, purpose }: Program['steps'][number]): boolean {
  const what = `${syscall}: ${purpose.replaceAll(/\/\S+/g, '/…')}`;
  if (!EACH_STEP && tried.has(what)) return false;
  tried.add(what);
  return true;
}

function sleepInsteadOf(purpose: string): Inspect {
  return ({ steps }) => {
    const index = steps.findIndex((step) => step.purpose === purpose);
    const step = steps[index];
    if (step !== undefined) steps[index] = { ...step, syscall: 'nanosleep', arguments: [new Words([60, 0], '{60, 0}'), 0] };
  };
}

function sleeps({ pid, name }: ReturnType<typeof processesOf>[number]): boolean {
  return name === 'plimsoll-start' && readFileSync(`/proc/${pid}/wchan`, 'latin1').includes('nanosleep');
}

const CASES = [
  ...LAYOUTS.map((one) => ({ ...one, networks: 0 })),
  ...LAYOUTS.slice(0, 1).map((one) => ({ ...one, name: `${one.name}, network namespaces made ahead`, networks: 2 })),
];

for (const { name, layout, there, networks } of CASES) {
  describe.runIf(there)(`a start on ${name}`, () => {
    let core: Core;
    beforeAll(async () => {
      core = await Core.make({ layout, networks });
      // The group's cgroup stays after its containers.
      await core.run(['/bin/true'], { limits });
    });
    afterAll(async () => await core[Symbol.asyncDispose]());

    /** Every step of a start that is to be tried: the number of its program, and its own within it. */
    async function stepsOfAStart(): Promise<{ program: number; index: number }[]> {
      const programs: Program[] = [];
      await core.poolFull();
      await using container = core.container({ args: ['/bin/true'], limits });
      const started = await container.start((program) => programs.push(program));
      await started.process.exited;
      await started.settle();
      const all = programs.flatMap(({ steps }, program) => steps.map((step, index) => ({ program, index, ...step })));
      return all.filter(({ syscall }) => !EXEMPT.has(syscall)).filter(isToBeTried);
    }

    test('leaves nothing and names the step, whichever step fails', async () => {
      const steps = await stepsOfAStart();
      expect(steps.length).toBeGreaterThan(EACH_STEP ? 100 : networks === 0 ? 60 : 0);
      for (const { program, index } of steps) {
        await core.poolFull();
        await using container = core.container({ args: ['/bin/true'], limits });
        const before = await core.snapshot();
        const failing = new FailingStep(program, index);
        const error = await container.start(failing.inspect).catch((thrown: unknown) => thrown);
        expect(error, `without "${failing.purpose}"`).toBeInstanceOf(StartError);
        expect((error as Error).message).toContain(`${failing.purpose}: close: EBADF`);
        await expectAsBefore(core.place, before);
      }
      await expect(core.run(['/bin/true'], { limits })).resolves.toMatchObject({ exit: { code: 0, signal: null } });
    });

    test('leaves nothing when the memory limit kills it in mid-start', async () => {
      const killed = new Set<string>();
      for (const limit of [4096, MEBIBYTE / 16, MEBIBYTE / 8, MEBIBYTE / 4, MEBIBYTE / 2, MEBIBYTE]) {
        const edit: NonNullable<Parameters<Core['container']>[0]>['edit'] = (config) =>
          (config.linux.resources.memory = { limit });
        await using container = core.container({ args: ['/bin/true'], edit });
        const before = await core.snapshot();
        const outcome = await container.start().catch((thrown: unknown) => thrown);
        if (outcome instanceof Error) {
          expect(outcome, String(limit)).toBeInstanceOf(StartError);
          killed.add(outcome.message);
          await expectAsBefore(core.place, before);
        } else {
          const started = outcome as Awaited<ReturnType<typeof container.start>>;
          await started.process.exited;
          await started.settle();
        }
      }
      expect([...killed].join('\n')).toMatch(
        /killed during its set-up, after ".+": its memory limit is perhaps too small|ENOMEM/,
      );
    });

    test('opens nothing in the descriptors of its supervisor, whatever a kill interrupts', async () => {
      await core.poolFull();
      await using container = core.container({ args: ['/bin/true'], limits });
      const before = await core.snapshot();
      const start = container.start(sleepInsteadOf('take descriptors of its own'));
      start.catch(() => {});
      const first = await until('it sleeps', () => processesOf(process.pid, core.cgroupRoot).find(sleeps) ?? null);
      const { descriptors } = await core.snapshot();
      const more = Object.entries(descriptors).filter(([kind, count]) => count > (before.descriptors[kind] ?? 0));
      // Its cgroup is opened for clone3.
      expect(more.map(([kind]) => kind).filter((kind) => !kind.includes(core.cgroupRoot))).toEqual([]);
      process.kill(first.pid, 'SIGKILL');
      await expect(start).rejects.toThrow('killed');
      await expectAsBefore(core.place, before);
    });

    test('leaves nothing when its zygote is killed in mid-start', async () => {
      await using container = core.container({ args: ['/bin/true'], limits });
      const gate = join(core.directory, 'gate');
      makeFifo(gate);
      const before = await core.snapshot();
      const start = container.start(({ steps }) => {
        const index = steps.findIndex(({ purpose }) => purpose === 'open the standard error');
        const step = steps[index];
        // To open a FIFO that nobody writes to waits for ever.
        if (step !== undefined) steps[index] = { ...step, arguments: [step.arguments[0] ?? 0, gate, 0] };
      });
      start.catch(() => {});
      const children = () => processesOf(process.pid, core.cgroupRoot);
      await until('it is at the gate', () => children().some(({ name }) => name === 'plimsoll-start'));
      const zygote = await until('its zygote is there', () => children().find(({ kind }) => kind === 'zygote') ?? null);
      process.kill(zygote.pid, 'SIGKILL');
      await expect(start).rejects.toThrow('zygote');
      await expectAsBefore(core.place, before);
      await expect(core.run(['/bin/true'], { limits })).resolves.toMatchObject({ exit: { code: 0 } });
    });
  });
}
