import type { ContainerView } from '@plimsoll/protocol';
import { containerRecord } from '../../agent/container-record.fixture.ts';
import { toView } from '../../agent/registry.ts';

/** A container as the agent reports it. */
export function containerView(name: string, more: Parameters<typeof containerRecord>[2] = {}): ContainerView {
  const id = more.id ?? Buffer.from(name.padEnd(8, '\0')).subarray(0, 8).toString('hex');
  return toView(containerRecord(id, name, more), 0);
}
