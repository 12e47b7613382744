import { CAPABILITIES, LINUX_CAPABILITY_VERSION_3, type Capability } from '../abi/capabilities.ts';
import { PR, PR_CAP_AMBIENT } from '../abi/prctl.ts';
import { readFileSync } from 'node:fs';
import type { OciCapabilities } from '../oci/config.ts';
import { Memory } from '../program/argument.ts';
import type { Program } from '../program/program.ts';

const DROP = { value: PR.PR_CAPBSET_DROP, text: 'PR_CAPBSET_DROP' };

/** While it still has CAP_SETPCAP: takes everything else out of the bounding set, for good. */
export function dropBoundingSet(program: Program, keep: readonly string[]): void {
  // Some thirty alike: a clock reading each would tell nothing.
  const { timed } = program;
  program.timed = false;
  for (let number = 0; number <= lastCapability(); number++) {
    const name = CAPABILITIES[number];
    if (name !== undefined && keep.includes(name)) continue;
    program.call('drop from the bounding set', 'prctl', [DROP, { value: number, text: name ?? String(number) }, 0, 0, 0]);
  }
  program.timed = timed;
}

/**
 * The thread's own sets, after the change of user, which has cleared the ambient one. A program that is executed by a user other
 * than root has the ambient set alone, also under no_new_privs; an exec that changes the user or has file capabilities clears it
 * (capabilities(7)). The kernel raises what is permitted and inheritable.
 */
export function setCapabilities(program: Program, sets: OciCapabilities): void {
  const header = new Uint8Array(new Uint32Array([LINUX_CAPABILITY_VERSION_3, 0]).buffer);
  const masks = [sets.effective, sets.permitted, sets.inheritable].map(capabilityMask);
  const words = [0n, 32n].flatMap((shift) => masks.map((mask) => Number((mask >> shift) & 0xffff_ffffn)));
  const data = new Uint8Array(new Uint32Array(words).buffer);
  const text = `{effective: ${hex(masks[0])}, permitted: ${hex(masks[1])}, inheritable: ${hex(masks[2])}}`;
  program.call('set the capabilities', 'capset', [
    new Memory(header, '{_LINUX_CAPABILITY_VERSION_3, 0}'),
    new Memory(data, text),
  ]);
  changeAmbient(program, 'clear the ambient set', 'PR_CAP_AMBIENT_CLEAR_ALL');
  for (const name of sets.ambient) changeAmbient(program, `raise ${name} in the ambient set`, 'PR_CAP_AMBIENT_RAISE', name);
}

function changeAmbient(program: Program, purpose: string, change: keyof typeof PR_CAP_AMBIENT, name?: string): void {
  const operation = { value: PR_CAP_AMBIENT[change], text: change };
  const capability = name === undefined ? 0 : { value: CAPABILITIES.indexOf(name as Capability), text: name };
  program.call(purpose, 'prctl', [{ value: PR.PR_CAP_AMBIENT, text: 'PR_CAP_AMBIENT' }, operation, capability, 0, 0]);
}

function capabilityMask(names: readonly string[]): bigint {
  return names.reduce((mask, name) => mask | (1n << BigInt(CAPABILITIES.indexOf(name as Capability))), 0n);
}

export function isCapability(name: string): name is Capability {
  return (CAPABILITIES as readonly string[]).includes(name);
}

let last: number | undefined;

/** A newer kernel may have more than this file names: those go too. */
function lastCapability(): number {
  last ??= Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'latin1'));
  return last;
}

function hex(mask: bigint | undefined): string {
  return `0x${(mask ?? 0n).toString(16)}`;
}
