import { BPF_CGROUP_DEVICE, BPF_CMD, BPF_F_ALLOW_MULTI, BPF_PROG_TYPE_CGROUP_DEVICE } from '../../abi/bpf.ts';
import { or } from '../../abi/flags.ts';
import { AT_FDCWD, O } from '../../abi/open.ts';
import type { LinuxDeviceRule, LinuxResources } from '../../oci/config.ts';
import { Memory, Words } from '../../program/argument.ts';
import { call, runOrThrow, tryCall } from '../../program/call.ts';
import { LoadedProgram } from '../../program/load.ts';
import { Program } from '../../program/program.ts';
import { SyscallError } from '../../syscalls/syscall-error.ts';
import type { Cgroup } from '../cgroup.ts';
import type { Setting } from '../setting.ts';
import { deviceProgram } from './device-program.ts';

/** Stands for the rules that the cgroup has from its parent already. */
export const INHERITED_DEVICES: LinuxDeviceRule[] = [];

/** devices.deny and devices.allow on v1, one rule a write, in the given order. */
export function deviceRules(cgroup: Cgroup, { devices = [] }: LinuxResources): Setting[] {
  const hierarchy = cgroup.hierarchy('devices');
  if (hierarchy?.version !== 1) return [];
  if (devices === INHERITED_DEVICES) return [];
  return devices.map((rule) => ({
    file: `${hierarchy.mount}/${cgroup.path}/devices.${rule.allow ? 'allow' : 'deny'}`,
    value: ruleText(rule),
    purpose: rule.allow ? 'allow a device' : 'deny devices',
  }));
}

/** `c 1:3 rwm`; `a` alone stands for every device (Documentation/admin-guide/cgroup-v1/devices.rst). */
function ruleText({ type = 'a', major, minor, access = 'rwm' }: LinuxDeviceRule): string {
  return type === 'a' ? 'a' : `${type} ${major ?? '*'}:${minor ?? '*'} ${access}`;
}

/**
 * v2: attaches an eBPF program with these rules to the cgroup, for it and all below it, unless it has one already. Every
 * program on the way up must agree, so a child can only narrow. bpf(2), cgroup-v2.rst "Device controller".
 */
export function attachDeviceRules(cgroup: Cgroup, rules: readonly LinuxDeviceRule[]): void {
  const directory = cgroup.unifiedFile('');
  if (directory === null) return;
  const fd = call('open the cgroup', 'openat', AT_FDCWD, directory, or(O, 'O_RDONLY', 'O_DIRECTORY', 'O_CLOEXEC'));
  try {
    if (attachedPrograms(fd) === 0) attach(fd, rules);
  } finally {
    tryCall('close', fd);
  }
}

/** The verifier gives up with EAGAIN when a signal is pending (kernel/bpf/verifier.c), which is delivered before the next try. */
const TRIES = 100;

function untilNoSignal<T>(load: () => T): T {
  for (let left = TRIES - 1; ; left--) {
    try {
      return load();
    } catch (error) {
      if (left === 0 || !(error instanceof SyscallError && error.is('EAGAIN'))) throw error;
    }
  }
}

/** A pair of u32 as the one 64-bit word that they are in memory. */
const pair = (low: number, high: number): number => low + high * 0x1_0000_0000;

/** bpf_attr of BPF_PROG_QUERY: target_fd, attach_type, query_flags, attach_flags, prog_ids, prog_cnt @24. */
function attachedPrograms(cgroup: number): number {
  const attr = new Memory(new Uint8Array(new Uint32Array([cgroup, BPF_CGROUP_DEVICE, 0, 0, 0, 0, 0, 0]).buffer), 'attr');
  const program = new Program();
  program.call('ask for the device rules', 'bpf', [BPF_CMD.BPF_PROG_QUERY, attr, attr.bytes.length]);
  program.end();
  using loaded = new LoadedProgram(program);
  runOrThrow(loaded);
  return new DataView(loaded.read(attr).slice().buffer).getUint32(24, true);
}

/** The attachment holds the program; its descriptor is not needed any more. */
function attach(cgroup: number, rules: readonly LinuxDeviceRule[]): void {
  const code = deviceProgram(rules);
  const instructions = new Memory(code, `${rules.length} rules`);
  // bpf_attr of BPF_PROG_LOAD: prog_type, insn_cnt, insns, license, log_level … prog_name, prog_ifindex, expected_attach_type @68.
  const load = new Words(
    [pair(BPF_PROG_TYPE_CGROUP_DEVICE, code.length / 8), instructions, 'Apache-2.0', 0, 0, 0, 0, 0, pair(0, BPF_CGROUP_DEVICE)],
    'attr',
  );
  const program = untilNoSignal(() => call('load the device rules', 'bpf', BPF_CMD.BPF_PROG_LOAD, load, load.words.length * 8));
  try {
    // target_fd, attach_bpf_fd, attach_type, attach_flags, replace_bpf_fd.
    const target = new Words([pair(cgroup, program), pair(BPF_CGROUP_DEVICE, BPF_F_ALLOW_MULTI), 0], 'attr');
    call('attach the device rules', 'bpf', BPF_CMD.BPF_PROG_ATTACH, target, target.words.length * 8);
  } finally {
    tryCall('close', program);
  }
}
