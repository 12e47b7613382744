import type { BindSources } from '../mounts/bind-source.ts';
import type { JoinedNamespaces } from '../namespaces/join.ts';
import { namespaceOf } from '../namespaces/types.ts';
import type { NamespaceType, OciConfig } from '../oci/config.ts';
import type { SeccompFilter } from '../security/seccomp/compile.ts';
import type { Handover } from './handover.ts';

/** What the start program uses of this process's, and so of its zygotes'. */
export interface StartParts {
  /** Descriptor of the container's directory in the v2 tree; null on pure v1. */
  cgroup: number | null;
  /** Namespaces to be joined: made ahead, or others'. */
  joined: JoinedNamespaces;
  filter: SeccompFilter | null;
  /** By which the supervisor gets the container's mount namespace. */
  handover: Handover;
  /** What binds are made of. */
  sources: BindSources;
}

/** It is the config's own, and was not made ahead. */
export function isMade(config: OciConfig, { joined }: StartParts, type: NamespaceType): boolean {
  return namespaceOf(config, type) === 'own' && !joined.has(type);
}
