import { relative } from 'node:path';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { ensureKernel } from '../vm/kernel.mjs';
import { runInMachine } from '../vm/machine.mjs';
import { ensureMachineTools } from '../vm/requirements.mjs';
import { ensureSelinuxPolicy, SELINUX_ARGUMENTS } from '../vm/selinux.mjs';
import { lanesTests, SELINUX_TESTS } from '../vm/tests.mjs';
import { countReport, NO_TEST, oneFailure } from './counts.mjs';
import { node24, REPOSITORY, toolEnvironment } from './paths.mjs';
import { vitestArguments } from './vitest-lane.mjs';

/** All that the machine has of time. It is some ten times slower than its host. */
const DEADLINE_MS = 45 * 60_000;
/** What every deadline of a test is multiplied by. */
const SLOWNESS = '10';
const PROJECTS = ['integration', 'escape'];
const REPORT = '/run/vm/report';
/** Of the environment, what a program in the machine may go by as well. */
const PASSED_ON = ['CI', 'FORCE_COLOR', 'NO_COLOR'];

const WORKER_MISSING = /Failed to start \w+ worker for test files (\S+\.test\.ts)\./g;

/**
 * @typedef {{ selinux?: boolean, output?: NodeJS.WritableStream, disk?: string, files?: Record<string, string> }} Boot
 *   selinux: enforces Debian's policy, in the place of AppArmor; output: of the command, else this process's own; disk: a file that
 *   outlives the machine; files: more of them for /run/vm
 */

/** @typedef {{ skipped: string, status?: undefined, problem?: undefined, wentOff?: undefined }} Skipped */

/**
 * The integration and escape tests on Debian's stock kernel with cgroup v2 alone, in a virtual machine.
 * @param {(line: string) => void} say
 * @param {readonly string[]} chosen test files, or vitest's own options; none: those of the lane
 * @param {Boot} boot
 * @returns {Promise<import('./counts.mjs').LaneResult>}
 */
export async function runVmLane(say, chosen = [], boot = {}) {
  const tests = chosen.length > 0 ? chosen : boot.selinux ? SELINUX_TESTS : lanesTests();
  const first = await runTests(say, tests, boot);
  if (first.notBegun.length === 0) return first.counts;
  // vitest gives up on a worker that is not there within a minute, which a busy host may once take for it.
  say(`Again, since vitest gave up before they began: ${first.notBegun.join(', ')}`);
  const again = await runTests(say, first.notBegun, boot);
  const failures = [...first.counts.failures.filter(({ test }) => test !== NO_TEST), ...again.counts.failures];
  const { passed, skipped } = first.counts;
  return {
    passed: passed + again.counts.passed,
    failed: failures.length,
    skipped: skipped + again.counts.skipped,
    failures,
  };
}

/**
 * @param {(line: string) => void} say
 * @param {readonly string[]} tests
 * @param {Boot} boot
 * @returns {Promise<{ counts: import('./counts.mjs').LaneResult, notBegun: string[] }>} notBegun: files whose worker did not come up
 */
async function runTests(say, tests, boot) {
  const command = [node24(), ...vitestArguments(PROJECTS, 'verbose', REPORT), ...tests];
  const output = new PassThrough();
  let printed = '';
  output.on('data', (chunk) => (printed += chunk));
  output.pipe(process.stdout, { end: false });
  const result = await runCommand(say, command.map(quoted).join(' '), { ...boot, output });
  if ('skipped' in result) {
    say(`Skipped: ${result.skipped}.`);
    return { counts: { passed: 0, failed: 0, skipped: 1, failures: [] }, notBegun: [] };
  }
  if (result.problem !== undefined) {
    say(result.problem);
    return { counts: oneFailure(result.problem), notBegun: [] };
  }
  const notBegun = [...stripVTControlCharacters(printed).matchAll(WORKER_MISSING)].map(([, file = '']) =>
    relative(REPOSITORY, file),
  );
  return { counts: countReport(result.report, result.status), notBegun };
}

/**
 * Runs a shell's command in the machine, at the root of the repository.
 * @param {(line: string) => void} say
 * @param {string} command
 * @param {Boot} boot
 * @returns {Promise<import('../vm/machine.mjs').Finished | import('../vm/machine.mjs').Unfinished | Skipped>}
 */
export async function runCommand(say, command, { selinux = false, output = process.stdout, disk, files = {} } = {}) {
  const missing = ensureMachineTools(say);
  if (missing !== null) return { skipped: `there can be no virtual machine: ${missing}` };
  const kernel = ensureKernel(say);
  if (kernel === null) return { skipped: "there can be no virtual machine: Debian's kernel could not be fetched" };
  const policy = selinux ? ensureSelinuxPolicy(say) : null;
  if (selinux && policy === null) return { skipped: "Debian's SELinux policy could not be fetched" };
  say(`Linux ${kernel.version}, cgroup v2, ${selinux ? 'SELinux' : 'AppArmor'}, under qemu`);
  const variables = { ...environmentInside(kernel), ...(policy !== null && { SELINUX_POLICY: policy }) };
  const environment = Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}\n`);
  return await runInMachine(
    kernel,
    { ...files, environment: environment.join(''), command },
    { output, deadlineMs: DEADLINE_MS, kernelArguments: selinux ? SELINUX_ARGUMENTS : [], ...(disk !== undefined && { disk }) },
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
    PLIMSOLL_TEST_IMAGES: '/disk',
    ...(process.stdout.isTTY && { FORCE_COLOR: '1' }),
    ...Object.fromEntries(passedOn),
  };
}

/** @param {string} text */
function quoted(text) {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
