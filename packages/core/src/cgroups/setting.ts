import { existsSync } from 'node:fs';
import type { LinuxResources } from '../oci/config.ts';
import type { ErrnoName } from '../abi/errno.ts';
import type { Cgroup } from './cgroup.ts';
import type { Controller } from './layout.ts';

/** One write to one cgroup file. */
export interface Setting {
  file: string;
  value: string;
  purpose: string;
  /** The device whose line of the file this is, where a file has one for each. */
  device?: string;
  /** What the line of a device is undone with, where it had none. */
  unlimited?: string;
  /** Whether what the file reads afterwards is what was asked for; without it the texts must be equal. */
  agrees?: (reads: string) => boolean;
  /** Why the kernel refuses it, in words for a person. */
  refused?: Partial<Record<ErrnoName, string>>;
}

/** `new`: the cgroup is about to be made, and has the kernel's defaults. `living`: it may have other limits and processes. */
export type Moment = 'new' | 'living';

/** The writes that one controller needs, in an order that the kernel accepts. */
export type SettingsOf = (cgroup: Cgroup, resources: LinuxResources, moment: Moment) => Setting[];

/** Thrown where a limit is asked for whose controller this host lacks. */
export class MissingController extends Error {
  override readonly name = 'MissingController';
  readonly controller: string;
  constructor(controller: string, wanted: string, why = "which this host's kernel has not mounted or enabled") {
    super(`${wanted} needs the ${controller} controller, ${why}`);
    this.controller = controller;
  }
}

/** `file` of the cgroup; throws where the host has no such controller. `wanted`: a cpu limit. */
export function requireFile(cgroup: Cgroup, controller: Controller, file: string, wanted: string): string {
  const path = cgroup.file(controller, file);
  if (path === null) throw new MissingController(controller, wanted);
  return path;
}

/** Whether the kernel gives cgroups this file. Read off the parent, since the cgroup itself may not be made yet. */
export function kernelHas(cgroup: Cgroup, controller: Controller, file: string): boolean {
  const parent = cgroup.parent?.file(controller, file) ?? null;
  return parent !== null && existsSync(parent);
}
