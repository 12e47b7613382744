import type { OciConfig } from '@plimsoll/core';
import { CreateContainer, type Limits } from '@plimsoll/protocol';
import { resolveIsolation } from '../../apps/agent/src/agent/isolation-request/isolation.ts';
import { ociConfig, type Resolved } from '../../apps/agent/src/oci-config.ts';

export interface PlainOptions extends Partial<Omit<Resolved, 'cgroupsPath'>> {
  limits?: Limits;
}

/** The config of a container of which nothing is asked but this: root in eight namespaces of its own, runs true(1). */
export function plainConfig(cgroupsPath: string, { limits = {}, ...resolved }: PlainOptions = {}): OciConfig {
  const request = CreateContainer.parse({ limits });
  const find = (ref: string) => {
    throw new Error(`there is no container ${ref}`);
  };
  const isolation = resolveIsolation(request, { caller: { who: 'local' }, find, layers: [] });
  const usual = { hostname: 'test', args: ['true'], env: ['PATH=/usr/bin:/bin'], cwd: '/', mounts: [] };
  return ociConfig(request, isolation, { ...usual, ...resolved, cgroupsPath });
}
