import { existsSync, statSync } from 'node:fs';
import { PlimsollError, type IoLimit, type LimitsChange } from '@plimsoll/protocol';
import type { Caller } from '../access/gatekeeper.ts';
import { deviceNumber } from '../host/device-number.ts';

/**
 * A file system's journal waits for writes that a limit holds back, and then so does everyone else's fsync on it: at these rates for a second,
 * at a few KiB/s for as long as a container likes.
 */
const LEAST_FOR_A_SESSION = { readBytesPerS: 1 << 20, writeBytesPerS: 1 << 20, readOpsPerS: 20, writeOpsPerS: 20 } as const;

/**
 * The same limits with each disk by number. Throws `bad-request` for what is no whole disk of this host, and `forbidden` for rates
 * by which a session would hold up others.
 */
export function resolveDisks<L extends LimitsChange>(limits: L, { who }: Pick<Caller, 'who'>): L {
  if (limits.io === undefined || limits.io === null) return limits;
  if (who !== 'local') limits.io.forEach(requireRates);
  const io = limits.io.map((limit) => ({ ...limit, device: numberOf(limit.device) }));
  const devices = new Set(io.map(({ device }) => device));
  if (devices.size < io.length) throw new PlimsollError('bad-request', 'a disk is named twice', { field: 'limits.io' });
  return { ...limits, io };
}

function requireRates(limit: IoLimit): void {
  for (const [name, least] of Object.entries(LEAST_FOR_A_SESSION)) {
    const rate = limit[name as keyof typeof LEAST_FOR_A_SESSION];
    if (rate === undefined || rate >= least) continue;
    throw new PlimsollError(
      'forbidden',
      `${name} below ${least} is for root on the host: others may wait for what it holds back`,
      {
        field: `limits.io.${name}`,
        hint: `Give ${least} or more.`,
      },
    );
  }
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
