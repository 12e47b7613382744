import { ofReading, type CgroupRow } from './cgroup-row.ts';
import type { Metric } from './exposition.ts';
import { count } from './numbers.ts';

const PARTIAL = '; on cgroup v1 direct and synchronous io alone.';

/** Sums over devices: cAdvisor tells of each, with a label. */
export const BLOCK_IO: readonly Metric<CgroupRow>[] = [
  {
    name: 'container_fs_reads_bytes_total',
    type: 'counter',
    help: `Bytes read from all disks${PARTIAL}`,
    value: ofReading(({ ioReadBytes }) => count(ioReadBytes)),
  },
  {
    name: 'container_fs_writes_bytes_total',
    type: 'counter',
    help: `Bytes written to all disks${PARTIAL}`,
    value: ofReading(({ ioWriteBytes }) => count(ioWriteBytes)),
  },
  {
    name: 'container_fs_reads_total',
    type: 'counter',
    help: `Read operations on all disks${PARTIAL}`,
    value: ofReading(({ ioReadOps }) => count(ioReadOps)),
  },
  {
    name: 'container_fs_writes_total',
    type: 'counter',
    help: `Write operations on all disks${PARTIAL}`,
    value: ofReading(({ ioWriteOps }) => count(ioWriteOps)),
  },
];

/** Sums over interfaces without loopback, of containers with a network namespace that is not the host's. */
export const NETWORK: readonly Metric<CgroupRow>[] = [
  {
    name: 'container_network_receive_bytes_total',
    type: 'counter',
    help: 'Bytes received.',
    value: ofReading(({ netReceivedBytes }) => count(netReceivedBytes)),
  },
  {
    name: 'container_network_receive_packets_total',
    type: 'counter',
    help: 'Packets received.',
    value: ofReading(({ netReceivedPackets }) => count(netReceivedPackets)),
  },
  {
    name: 'container_network_receive_errors_total',
    type: 'counter',
    help: 'Errors while receiving.',
    value: ofReading(({ netReceiveErrors }) => count(netReceiveErrors)),
  },
  {
    name: 'container_network_receive_packets_dropped_total',
    type: 'counter',
    help: 'Packets dropped while receiving.',
    value: ofReading(({ netReceiveDrops }) => count(netReceiveDrops)),
  },
  {
    name: 'container_network_transmit_bytes_total',
    type: 'counter',
    help: 'Bytes sent.',
    value: ofReading(({ netSentBytes }) => count(netSentBytes)),
  },
  {
    name: 'container_network_transmit_packets_total',
    type: 'counter',
    help: 'Packets sent.',
    value: ofReading(({ netSentPackets }) => count(netSentPackets)),
  },
  {
    name: 'container_network_transmit_errors_total',
    type: 'counter',
    help: 'Errors while sending.',
    value: ofReading(({ netSendErrors }) => count(netSendErrors)),
  },
  {
    name: 'container_network_transmit_packets_dropped_total',
    type: 'counter',
    help: 'Packets dropped while sending.',
    value: ofReading(({ netSendDrops }) => count(netSendDrops)),
  },
];
