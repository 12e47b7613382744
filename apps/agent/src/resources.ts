import { DEFAULT_PERIOD_US, weightToShares, type LinuxBlockIO, type LinuxResources, type ThrottleDevice } from '@plimsoll/core';
import {
  changedLimits,
  PlimsollError,
  type IoLimit,
  type LimitName,
  type Limits,
  type LimitsChange,
  type NewLimits,
} from '@plimsoll/protocol';

const DEFAULT_WEIGHT = 100;

/** Limits as the OCI runtime-spec has them. Disks must be given by number. */
export function resourcesOf(limits: NewLimits): LinuxResources {
  const wanted = changedLimits({}, limits);
  return forNames(Object.keys(wanted) as LimitName[], {}, wanted);
}

/** What takes a cgroup from one set of limits to another: what is not in the change is left alone. */
export function resourcesForChange(before: Limits, change: LimitsChange): LinuxResources {
  const named = (Object.keys(change) as LimitName[]).filter((name) => change[name] !== undefined);
  return forNames(named, before, changedLimits(before, change));
}

/** Throws `bad-request` for limits that are each possible and not together. */
function checkLimits(limits: Limits): void {
  if (limits.swapBytes !== undefined && limits.memoryBytes === undefined) {
    throw new PlimsollError('bad-request', 'limits.swapBytes: a swap limit needs a memory limit', {
      hint: 'Give a memory limit as well, or no swap limit.',
    });
  }
}

function forNames(names: readonly LimitName[], before: Limits, after: Limits): LinuxResources {
  checkLimits(after);
  const has = (...wanted: LimitName[]) => wanted.some((name) => names.includes(name));
  const { cpus, cpuWeight, memoryBytes, memoryHighBytes, swapBytes, pids, ioWeight } = after;
  // On v1 swap is a limit on memory and swap together: it moves with the memory limit.
  const swap = has('swapBytes') || (has('memoryBytes') && (swapBytes ?? before.swapBytes) !== undefined);
  const cpu: LinuxResources['cpu'] = {
    ...(has('cpus') && {
      quota: cpus === undefined ? -1 : Math.round(cpus * DEFAULT_PERIOD_US),
      period: DEFAULT_PERIOD_US,
    }),
    ...(has('cpuWeight') && { shares: weightToShares(cpuWeight ?? DEFAULT_WEIGHT) }),
    ...(has('cpusetCpus') && { cpus: after.cpusetCpus ?? '' }),
    ...(has('cpusetMems') && { mems: after.cpusetMems ?? '' }),
  };
  const memory: LinuxResources['memory'] = {
    ...((has('memoryBytes') || swap) && { limit: memoryBytes ?? -1 }),
    ...(has('memoryHighBytes') && { reservation: memoryHighBytes ?? -1 }),
    ...(swap && { swap: swapBytes === undefined ? -1 : (memoryBytes ?? 0) + swapBytes }),
  };
  return {
    ...(Object.keys(cpu).length > 0 && { cpu }),
    ...(Object.keys(memory).length > 0 && { memory }),
    ...(has('pids') && { pids: { limit: pids ?? -1 } }),
    ...(has('io') && { blockIO: throttles(before.io ?? [], after.io ?? []) }),
    ...(has('ioWeight') && { unified: { 'io.weight': String(ioWeight ?? DEFAULT_WEIGHT) } }),
  };
}

/** Every rate of every disk that is limited, or was: 0 takes one away. */
function throttles(before: readonly IoLimit[], after: readonly IoLimit[]): LinuxBlockIO {
  const rates = (rate: 'readBytesPerS' | 'writeBytesPerS' | 'readOpsPerS' | 'writeOpsPerS'): ThrottleDevice[] => {
    const devices = new Set([...before, ...after].filter((limit) => limit[rate] !== undefined).map(({ device }) => device));
    return [...devices].map((device) => {
      const [major = 0, minor = 0] = device.split(':').map(Number);
      return { major, minor, rate: after.find((limit) => limit.device === device)?.[rate] ?? 0 };
    });
  };
  return {
    throttleReadBpsDevice: rates('readBytesPerS'),
    throttleWriteBpsDevice: rates('writeBytesPerS'),
    throttleReadIOPSDevice: rates('readOpsPerS'),
    throttleWriteIOPSDevice: rates('writeOpsPerS'),
  };
}
