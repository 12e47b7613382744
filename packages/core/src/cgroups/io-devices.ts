import { readFileSync } from 'node:fs';
import type { Cgroup } from './cgroup.ts';

/** What a cgroup and all below it have moved to and from one disk. Cumulative. */
export interface DeviceIo {
  /** `major:minor`. */
  device: string;
  readBytes: number;
  writeBytes: number;
  readOps: number;
  writeOps: number;
  discardBytes: number;
  discardOps: number;
}

/** The names of io.stat's counters. */
const V2: Record<string, keyof Omit<DeviceIo, 'device'>> = {
  rbytes: 'readBytes',
  wbytes: 'writeBytes',
  rios: 'readOps',
  wios: 'writeOps',
  dbytes: 'discardBytes',
  dios: 'discardOps',
};
const V1_BYTES = { Read: 'readBytes', Write: 'writeBytes', Discard: 'discardBytes' } as const;
const V1_OPS = { Read: 'readOps', Write: 'writeOps', Discard: 'discardOps' } as const;

/**
 * The io of a cgroup disk by disk: io.stat; on v1 blkio.throttle.*_recursive, which is partial (see CgroupReading). Empty
 * where nothing was moved, this host counts no io, or the cgroup is gone.
 */
export function readIoDevices(cgroup: Cgroup): DeviceIo[] {
  const devices = new Map<string, DeviceIo>();
  const add = (device: string, counter: keyof Omit<DeviceIo, 'device'> | undefined, count: string | undefined) => {
    if (counter === undefined || count === undefined) return;
    let io = devices.get(device);
    if (io === undefined) devices.set(device, (io = newDevice(device)));
    io[counter] = Number(count);
  };
  if (cgroup.hierarchy('io')?.version === 2) {
    for (const [device = '', ...counters] of linesOf(cgroup, 'io.stat')) {
      for (const [name = '', count] of counters.map((counter) => counter.split('='))) add(device, V2[name], count);
    }
  } else {
    const files = { 'blkio.throttle.io_service_bytes_recursive': V1_BYTES, 'blkio.throttle.io_serviced_recursive': V1_OPS };
    for (const [file, names] of Object.entries(files)) {
      for (const [device = '', operation, count] of linesOf(cgroup, file)) {
        add(device, names[operation as keyof typeof names], count);
      }
    }
  }
  return [...devices.values()];
}

function newDevice(device: string): DeviceIo {
  return { device, readBytes: 0, writeBytes: 0, readOps: 0, writeOps: 0, discardBytes: 0, discardOps: 0 };
}

function linesOf(cgroup: Cgroup, file: string): string[][] {
  const path = cgroup.file('io', file);
  if (path === null) return [];
  try {
    return readFileSync(path, 'latin1')
      .trim()
      .split('\n')
      .map((line) => line.split(' '));
  } catch {
    return [];
  }
}
