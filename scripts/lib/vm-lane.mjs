import { relative } from 'node:path';
import { PassThrough } from 'node:stream';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { ensureKernel } from '../vm/kernel.mjs';
import { runInMachine } from '../vm/machine.mjs';
import { ensureMachineTools } from '../vm/requirements.mjs';
import { ensureSelinuxPolicy, SELINUX_ARGUMENTS } from '../vm/selinux.mjs';
import { COLOR } from './child-process.mjs';
import { reportedLane, skippedLane, total, wholeLane } from './lane-result.mjs';
import { node24, REPOSITORY, toolEnvironment } from './paths.mjs';
import { vitestArguments } from './vitest-lane.mjs';

/** Deadline of one boot. The machine is some ten times slower than its host. */
const DEADLINE_MS = 75 * 60_000;
/** What every deadline of a test is multiplied by. */
const SLOWNESS = '10';
const PROJECTS = ['integration', 'escape'];
const REPORT = '/run/vm/report';
/**
 * Loaded by every Node in the machine: V8 compiles WebAssembly, which is Node's TypeScript parser, once and without optimization.
 * Its optimizer replaces code that runs, from another thread. Under emulation that crashed Node (Runtime_WasmTriggerTierUp, "Check
 * failed: it->second.Size() > offset") in one of 80 processes that parsed 60 files.
 */
const BASELINE_WASM = `
const { setFlagsFromString } = require('node:v8');
for (const flag of ['--liftoff-only', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering']) setFlagsFromString(flag);
`;
const BASELINE_WASM_FILE = 'baseline-wasm.cjs';
/** Variables that programs in the machine need as well. */
const PASSED_ON = ['CI'];

/** vitest's words for a worker that is not there within a minute, which a busy host may once take for it. */
const WORKER_MISSING = /\[vitest-pool\]: Failed to start \w+ worker for test files (.+)\.$/;

/**
 * @typedef {{ selinux?: boolean, disk?: string, files?: Record<string, string>, environment?: Record<string, string> }} Boot
 *   selinux: enforces Debian's policy, in the place of AppArmor; disk: a file that outlives the machine; files: more of them for /run/vm
 */

/** @typedef {{ skipped: string, status?: undefined, problem?: undefined, wentOff?: undefined }} Skipped */

/**
 * Test files on Debian's stock kernel with cgroup v2 alone, in a virtual machine.
 * @param {import('./lanes.mjs').Run} run files: test files, or vitest's own options
 * @param {Boot} boot
 * @returns {Promise<import('./lane-result.mjs').LaneResult>}
 */
export async function runVmLane(run, boot = {}) {
  const first = await runTests(run, boot);
  if (first.notBegun.length === 0) return first.result;
  run.output.line(`Again, since vitest gave up before they began: ${first.notBegun.join(', ')}`);
  const again = await runTests({ ...run, files: first.notBegun }, boot);
  const failures = first.result.failures.filter(({ message }) => !WORKER_MISSING.test(message.split('\n')[0] ?? ''));
  const results = [{ ...first.result, failed: failures.length, failures }, again.result];
  return {
    ...total(results),
    failures: results.flatMap((result) => result.failures),
    files: results.flatMap(({ files = [] }) => files),
  };
}

/**
 * @param {import('./lanes.mjs').Run} run
 * @param {Boot} boot
 * @returns {Promise<{ result: import('./lane-result.mjs').LaneResult, notBegun: string[] }>} notBegun: files whose worker did not come up
 */
async function runTests(run, boot) {
  const command = [node24(), ...vitestArguments(PROJECTS, 'verbose', run.files)];
  const environment = { PLIMSOLL_TEST_REPORT: REPORT, ...(run.full && { PLIMSOLL_TEST_FULL: '1' }) };
  const printed = new PassThrough();
  /** @type {string[]} */
  const notBegun = [];
  createInterface({ input: printed }).on('line', (line) => {
    run.output.line(line);
    const [, missing] = WORKER_MISSING.exec(stripVTControlCharacters(line)) ?? [];
    if (missing !== undefined) notBegun.push(...missing.split(', ').map((file) => relative(REPOSITORY, file)));
  });
  const finished = await runCommand(run, command.map(quoted).join(' '), { ...boot, environment }, printed);
  if ('skipped' in finished) {
    run.output.line(`Skipped: ${finished.skipped}.`);
    return { result: skippedLane(), notBegun: [] };
  }
  if (finished.problem !== undefined) return { result: wholeLane(finished.problem), notBegun: [] };
  return { result: reportedLane(finished.report, finished.status), notBegun };
}

/**
 * Runs a shell's command in the machine, at the root of the repository.
 * @param {Pick<import('./lanes.mjs').Run, 'output' | 'signal'>} run
 * @param {string} command
 * @param {Boot} boot
 * @param {NodeJS.WritableStream} printed what the command prints
 * @returns {Promise<import('../vm/machine.mjs').Finished | import('../vm/machine.mjs').Unfinished | Skipped>}
 */
export async function runCommand({ output, signal }, command, { selinux = false, disk, files = {}, environment = {} }, printed) {
  const say = output.line;
  const missing = ensureMachineTools(say);
  if (missing !== null) return { skipped: `there can be no virtual machine: ${missing}` };
  const kernel = ensureKernel(say);
  if (kernel === null) return { skipped: "there can be no virtual machine: Debian's kernel could not be fetched" };
  const policy = selinux ? ensureSelinuxPolicy(say) : null;
  if (selinux && policy === null) return { skipped: "Debian's SELinux policy could not be fetched" };
  say(`Linux ${kernel.version}, cgroup v2, ${selinux ? 'SELinux' : 'AppArmor'}, under qemu`);
  const variables = { ...environmentInside(kernel), ...environment, ...(policy !== null && { SELINUX_POLICY: policy }) };
  const exports = Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}\n`);
  return await runInMachine(
    kernel,
    { ...files, [BASELINE_WASM_FILE]: BASELINE_WASM, environment: exports.join(''), command },
    {
      output: printed,
      signal,
      deadlineMs: DEADLINE_MS,
      kernelArguments: selinux ? SELINUX_ARGUMENTS : [],
      ...(disk !== undefined && { disk }),
    },
  );
}

/**
 * @param {{ modules: string }} kernel
 * @returns {Record<string, string>}
 */
function environmentInside(kernel) {
  const passedOn = PASSED_ON.filter((name) => process.env[name] !== undefined).map((name) => [name, process.env[name]]);
  return {
    PATH: toolEnvironment().PATH,
    HOME: '/root',
    REPOSITORY,
    KERNEL_MODULES: kernel.modules,
    PLIMSOLL_TEST_SLOWNESS: SLOWNESS,
    // Nobody else's.
    PLIMSOLL_TEST_OWN_CLOCK: '1',
    PLIMSOLL_TEST_IMAGES: '/disk',
    NODE_OPTIONS: `--require=/run/vm/${BASELINE_WASM_FILE}`,
    ...COLOR,
    ...Object.fromEntries(passedOn),
  };
}

/** @param {string} text */
function quoted(text) {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
