import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { seccompFilter, seccompHost, type StartRequest } from '@plimsoll/core';
import { CLONE } from '../../../packages/core/src/abi/clone.ts';
import { AT_FDCWD } from '../../../packages/core/src/abi/open.ts';
import { INHERITED_DEVICES } from '../../../packages/core/src/cgroups/controllers/devices.ts';
import { createCgroup } from '../../../packages/core/src/cgroups/create.ts';
import { Handover } from '../../../packages/core/src/container/handover.ts';
import { startProgram } from '../../../packages/core/src/container/start-program.ts';
import { BindSources } from '../../../packages/core/src/mounts/bind-source.ts';
import { Words } from '../../../packages/core/src/program/argument.ts';
import { Program } from '../../../packages/core/src/program/program.ts';
import { ProgramsInC } from './program-in-c.ts';

/** The descriptors of the C program (lib/starter.c). */
const [USER, NETWORK, RECEIVE, SEND, CGROUP] = [3, 4, 5, 6, 7];
const AT_REMOVEDIR = 0x200;

/** Namespaces that were made ahead: of ours, and of C's. */
export interface MadeAhead {
  user: number;
  network: number;
}

/** Why there is none: there is no C compiler, or what it says. */
export class NoCompiler extends Error {}

/**
 * The C program that makes the same syscalls as a start of ours: lib/starter.c, around what our own programs of this very
 * container are as C. It clones from itself, which is as small as a zygote.
 */
export class CStarter implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #lines: Interface;
  readonly #ended: Promise<unknown>;
  #said = '';

  constructor(directory: string, request: StartRequest, { user, network }: MadeAhead) {
    const binary = compile(directory, request);
    this.#process = spawn(binary, [], { stdio: ['pipe', 'pipe', 'pipe', user, network] });
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#said += text));
    this.#lines = createInterface({ input: this.#process.stdout! });
    this.#ended = once(this.#process, 'exit');
  }

  /** Milliseconds of one start to exit. */
  async round(): Promise<number> {
    const line = once(this.#lines, 'line') as Promise<[string]>;
    this.#process.stdin?.write('\n');
    const told = await Promise.race([line, this.#ended.then(() => null)]);
    if (told === null) throw new Error(`the C program ended: ${this.#said}`);
    return Number(told[0]) / 1e6;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.stdin?.end();
    await this.#ended;
  }
}

function compile(directory: string, request: StartRequest): string {
  const folder = join(directory, 'starter');
  mkdirSync(folder);
  writeFileSync(join(folder, 'generated.h'), generate(request));
  const binary = join(folder, 'starter');
  const source = join(import.meta.dirname, 'starter.c');
  const args = ['-O2', '-Wall', '-static', '-I', folder, '-o', binary, source];
  const { status, stderr } = spawnSync('cc', args, { encoding: 'utf8' });
  if (status !== 0) throw new NoCompiler(stderr ?? 'cc is missing');
  return binary;
}

function generate(request: StartRequest): string {
  const { cgroup, config } = request;
  const { layout } = cgroup;
  const programs = new ProgramsInC();
  const make = new Program();
  createCgroup(make, cgroup, { ...config.linux.resources, devices: INHERITED_DEVICES });
  programs.add('make_cgroup', make);

  const { seccomp } = config.linux;
  const { program, first, intermediate } = startProgram(request, {
    cgroup: layout.unified === null ? null : CGROUP,
    joined: new Map([
      ['user', USER],
      ['network', NETWORK],
    ]),
    filter: seccomp === undefined ? null : seccompFilter(seccomp, seccompHost(config.process.capabilities.bounding)),
    handover: new Handover([RECEIVE, SEND]),
    sources: BindSources.open(config.mounts, new Map()),
  });
  asChildOfCaller(program);
  const pids = [programs.share(first), programs.share(intermediate)];
  programs.add('start', program);

  const remove = new Program();
  for (const mount of cgroup.mounts) {
    remove.call('remove the cgroup', 'unlinkat', [AT_FDCWD, `${mount}/${cgroup.path}`, AT_REMOVEDIR]);
  }
  programs.add('remove_cgroup', remove);
  const unified = layout.unified === null ? 'NULL' : JSON.stringify(`${layout.unified}/${cgroup.path}`);
  return [programs.text(), `#define FIRST ${pids[0]}`, `#define INTERMEDIATE ${pids[1]}`, `#define UNIFIED ${unified}`, ''].join(
    '\n',
  );
}

/** A zygote's clones are children of its parent's. Here nobody is in between. */
function asChildOfCaller(program: Program): void {
  const index = program.steps.findIndex(({ syscall }) => syscall === 'clone3');
  const step = program.steps[index];
  const [args, ...rest] = step?.arguments ?? [];
  if (step === undefined || !(args instanceof Words)) throw new Error('a start begins with a clone3');
  const [flags, ...words] = args.words;
  if (typeof flags !== 'object' || !('value' in flags)) throw new Error('clone_args begins with flags');
  const value = flags.value - CLONE.CLONE_PARENT;
  program.steps[index] = { ...step, arguments: [new Words([{ ...flags, value }, ...words], args.text), ...rest] };
}
