'use client';

import type { ContainerView, KernelAnswer, LimitsChange } from '@plimsoll/protocol';
import { LimitsForm } from '../limits/limits-form.tsx';
import { useLive } from '../live-provider.tsx';

export function ContainerLimits({ view: { id, limits, cgroup } }: { view: ContainerView }) {
  const live = useLive();
  async function change(wanted: LimitsChange): Promise<readonly KernelAnswer[]> {
    if (live === null) return [];
    const { container, kernel } = await live.connection.command('container.update', { container: id, limits: wanted });
    live.containers.put(container);
    return kernel;
  }
  return <LimitsForm of="container" limits={limits} cgroup={cgroup} change={change} />;
}
