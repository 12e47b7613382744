import { statSync } from 'node:fs';
import type { LinuxDeviceRule, OciDevice } from '@plimsoll/core';
import { PlimsollError, type Device } from '@plimsoll/protocol';
import { deviceNumber } from '../host/device-number.ts';

/** A device of the host's that a container gets: its node, and what it may do with it. */
export interface GrantedDevice {
  node: OciDevice;
  rule: LinuxDeviceRule;
}

/** What every container has in its /dev already, or has mounted there. */
const TAKEN = /^\/dev\/(?:(?:null|zero|full|random|urandom|tty|console|ptmx|fd|stdin|stdout|stderr)$|(?:pts|shm|mqueue)(?:\/|$))/;

/** Devices by their numbers. Throws `bad-request` for what is none of this host, or has no place inside. */
export function grantDevices(devices: readonly Device[]): GrantedDevice[] {
  const granted = devices.map(grant);
  granted.forEach(({ node: { path } }, i) => {
    const below = granted.some(({ node }, j) => j !== i && `${node.path}/`.startsWith(`${path}/`));
    if (below) throw wrong(path, 'is named twice, or is to be a directory as well');
  });
  return granted;
}

function grant({ path, destination = path, access }: Device): GrantedDevice {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw wrong(path, 'is not there on this host');
  const type = stat.isCharacterDevice() ? 'c' : stat.isBlockDevice() ? 'b' : null;
  if (type === null) throw wrong(path, 'is no device');
  if (TAKEN.test(destination)) throw wrong(destination, "is every container's own already");
  const { major, minor } = deviceNumber(stat.rdev);
  return {
    node: { type, path: destination, major, minor, fileMode: stat.mode & 0o777, uid: 0, gid: 0 },
    rule: { allow: true, type, major, minor, access },
  };
}

function wrong(path: string, why: string): PlimsollError {
  return new PlimsollError('bad-request', `${path} ${why}`, {
    field: 'devices',
    hint: 'ls -l /dev lists the devices of a host.',
  });
}
