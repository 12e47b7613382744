import { existsSync, statSync } from 'node:fs';
import { PlimsollError, type LimitsChange } from '@plimsoll/protocol';
import { deviceNumber } from '../host/device-number.ts';

/** The same limits with each disk by number. Throws `bad-request` for what is no whole disk of this host. */
export function resolveDisks<L extends LimitsChange>(limits: L): L {
  if (limits.io === undefined || limits.io === null) return limits;
  const io = limits.io.map((limit) => ({ ...limit, device: numberOf(limit.device) }));
  const devices = new Set(io.map(({ device }) => device));
  if (devices.size < io.length) throw new PlimsollError('bad-request', 'a disk is named twice', { field: 'limits.io' });
  return { ...limits, io };
}

function numberOf(device: string): string {
  const number = device.startsWith('/') ? numberOfNode(device) : device;
  if (!existsSync(`/sys/dev/block/${number}`)) throw wrong(device, 'is no disk of this host');
  if (existsSync(`/sys/dev/block/${number}/partition`)) throw wrong(device, 'is a partition: the kernel limits whole disks');
  return number;
}

function numberOfNode(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isBlockDevice() !== true) throw wrong(path, 'is no block device of this host');
  const { major, minor } = deviceNumber(stat.rdev);
  return `${major}:${minor}`;
}

function wrong(device: string, why: string): PlimsollError {
  return new PlimsollError('bad-request', `${device} ${why}`, { field: 'limits.io', hint: 'lsblk lists the disks of a host.' });
}
