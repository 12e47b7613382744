import type { IoLimit, Limits } from '@plimsoll/protocol';
import { bytes, cpuCount, inWords } from '@plimsoll/protocol/quantities';

/** Limits as a table has room for them, the most telling first: `2 cpus`, `512 MiB`, `64 pids`. */
export function limitsInShort(limits: Limits): string[] {
  const {
    cpus,
    cpuWeight,
    cpusetCpus,
    cpusetMems,
    memoryBytes,
    memoryHighBytes,
    swapBytes,
    pids,
    io = [],
    ioWeight,
    storageBytes,
  } = limits;
  const size = (value: number) => inWords(bytes(value));
  const words = [
    cpus !== undefined && inWords(cpuCount(cpus)),
    memoryBytes !== undefined && size(memoryBytes),
    pids !== undefined && `${pids} pids`,
    cpuWeight !== undefined && `weight ${cpuWeight}`,
    memoryHighBytes !== undefined && `soft ${size(memoryHighBytes)}`,
    swapBytes !== undefined && (swapBytes === 0 ? 'no swap' : `swap ${size(swapBytes)}`),
    cpusetCpus !== undefined && `on cpus ${cpusetCpus}`,
    cpusetMems !== undefined && `on nodes ${cpusetMems}`,
    ...io.map(diskInShort),
    storageBytes !== undefined && `storage ${size(storageBytes)}`,
    ioWeight !== undefined && `disk weight ${ioWeight}`,
  ];
  return words.filter((word) => word !== false);
}

function diskInShort({ device, readBytesPerS, writeBytesPerS, readOpsPerS, writeOpsPerS }: IoLimit): string {
  const rates = [
    readBytesPerS !== undefined && `read ${inWords(bytes(readBytesPerS))}/s`,
    writeBytesPerS !== undefined && `write ${inWords(bytes(writeBytesPerS))}/s`,
    readOpsPerS !== undefined && `${readOpsPerS} reads/s`,
    writeOpsPerS !== undefined && `${writeOpsPerS} writes/s`,
  ];
  return `disk ${device}: ${rates.filter((rate) => rate !== false).join(', ')}`;
}
