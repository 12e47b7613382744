import { namespaceOf, whyNoIdMap, type JoinedNamespaces, type NamespaceType, type OciConfig } from '@plimsoll/core';
import { closeSync } from 'node:fs';
import type { Identity } from './incarnation.ts';
import { firstId, startConfig, withoutUserNamespace } from './start-config.ts';

/** What a start is to be, by what there is now. Disposed of when the start is over. */
export interface StartPlan extends Disposable {
  config: OciConfig;
  madeAhead: JoinedNamespaces;
  /** Why it has no user namespace, against its definition. */
  fallback: string | null;
}

/** Joins who is to be joined, and takes the namespaces that were made ahead. Throws where somebody to be joined does not run. */
export async function planStart({ host, definition, config: defined, join }: Identity): Promise<StartPlan> {
  const config = startConfig(definition, defined, join);
  const first = firstId(config);
  const plan: StartPlan = { config, madeAhead: new Map(), fallback: null, [Symbol.dispose]() {} };
  if (namespaceOf(config, 'user') !== 'own' || first === null) return plan;
  const { user, network } = await host.users.open(first);
  const closing = {
    [Symbol.dispose]: () => {
      if (network !== null) closeSync(network);
    },
  };
  const sources = config.mounts.filter(({ options }) => options.includes('idmap')).map(({ source }) => source);
  const why = [...definition.layers, ...sources].map((path) => whyNoIdMap(path, user)).find((one) => one !== null);
  if (why !== undefined) {
    const fallback = `${why}: it runs in the host's user namespace`;
    return { ...plan, ...closing, config: withoutUserNamespace(config), fallback };
  }
  const madeAhead = new Map<NamespaceType, number>([['user', user]]);
  if (network !== null && namespaceOf(config, 'network') === 'own') madeAhead.set('network', network);
  return { ...plan, ...closing, madeAhead };
}
