import { ensureKernel } from '../vm/kernel.mjs';
import { runInMachine } from '../vm/machine.mjs';
import { ensureMachineTools } from '../vm/requirements.mjs';
import { ensureSelinuxPolicy, SELINUX_ARGUMENTS } from '../vm/selinux.mjs';
import { lanesTests, SELINUX_TESTS } from '../vm/tests.mjs';
import { countReport, oneFailure } from './counts.mjs';
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

/** @typedef {{ selinux?: boolean }} Boot selinux: enforces Debian's policy, in the place of AppArmor */

/**
 * The integration and escape tests on Debian's stock kernel with cgroup v2 alone, in a virtual machine.
 * @param {(line: string) => void} say
 * @param {readonly string[]} chosen test files, or vitest's own options; none: those of the lane
 * @param {Boot} boot
 * @returns {Promise<import('./counts.mjs').LaneResult>}
 */
export async function runVmLane(say, chosen = [], boot = {}) {
  const tests = chosen.length > 0 ? chosen : boot.selinux ? SELINUX_TESTS : lanesTests();
  const command = [node24(), ...vitestArguments(PROJECTS, 'verbose', REPORT), ...tests];
  const result = await runCommand(say, command.map(quoted).join(' '), boot);
  if ('skipped' in result) {
    say(`Skipped: ${result.skipped}.`);
    return { passed: 0, failed: 0, skipped: 1, failures: [] };
  }
  if ('problem' in result) {
    say(result.problem);
    return oneFailure(result.problem);
  }
  return countReport(result.report, result.status);
}

/**
 * Runs a shell's command in the machine, at the root of the repository.
 * @param {(line: string) => void} say
 * @param {string} command
 * @param {Boot} boot
 * @returns {Promise<{ status: number, report: string } | { problem: string } | { skipped: string }>}
 */
export async function runCommand(say, command, { selinux = false } = {}) {
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
    { environment: environment.join(''), command },
    { output: process.stdout, deadlineMs: DEADLINE_MS, kernelArguments: selinux ? SELINUX_ARGUMENTS : [] },
  );
}

function environmentInside(kernel) {
  const passedOn = PASSED_ON.filter((name) => process.env[name] !== undefined).map((name) => [name, process.env[name]]);
  return {
    PATH: toolEnvironment().PATH,
    HOME: '/root',
    REPOSITORY,
    KERNEL_MODULES: kernel.modules,
    PLIMSOLL_TEST_SLOWNESS: SLOWNESS,
    ...(process.stdout.isTTY && { FORCE_COLOR: '1' }),
    ...Object.fromEntries(passedOn),
  };
}

function quoted(text) {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
