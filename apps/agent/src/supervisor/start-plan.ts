import {
  namespaceOf,
  whyNoIdMap,
  type BindSources,
  type JoinedNamespaces,
  type NamespaceType,
  type OciConfig,
} from '@plimsoll/core';
import { closeSync } from 'node:fs';
import type { Identity } from './identity.ts';
import { firstId, startConfig, withoutUserNamespace } from './start-config.ts';
import { requireDescriptors } from './descriptor-reserve.ts';

/** What a start is to be, by what there is now. Disposed of when the start is over. */
export interface StartPlan extends Disposable {
  config: OciConfig;
  madeAhead: JoinedNamespaces;
  /** What its binds are made of. */
  sources: BindSources;
  /** Why it has no user namespace, against its definition. */
  fallback: string | null;
}

/** Joins who is to be joined, and takes the namespaces that were made ahead. Throws where somebody to be joined does not run, or descriptors are short. */
export async function planStart({ host, definition, config: defined, join }: Identity): Promise<StartPlan> {
  requireDescriptors();
  const config = startConfig(definition, defined, join);
  const first = firstId(config);
  using undo = new DisposableStack();
  // Once for everything that looks at them: a path may lead elsewhere at any moment.
  const sources = undo.use(await host.binds.open(definition.id, config.mounts));
  const planned = (part: Partial<StartPlan>): StartPlan => {
    const opened = undo.move();
    return { config, madeAhead: new Map(), sources, fallback: null, ...part, [Symbol.dispose]: () => opened.dispose() };
  };
  if (namespaceOf(config, 'user') !== 'own' || first === null) return planned({});
  const { user, network } = await host.users.open(first);
  if (network !== null) undo.defer(() => closeSync(network));
  const why = whyNone(config, definition.layers, { user, sources });
  if (why !== undefined) {
    const fallback = `${why}: it runs in the host's user namespace`;
    return planned({ config: withoutUserNamespace(config), fallback });
  }
  const madeAhead = new Map<NamespaceType, number>([['user', user]]);
  if (network !== null && namespaceOf(config, 'network') === 'own') madeAhead.set('network', network);
  return planned({ madeAhead });
}

/** Why a user namespace cannot show what the container is made of; undefined: it can. */
function whyNone(
  { mounts }: OciConfig,
  layers: readonly string[],
  { user, sources }: { user: number; sources: BindSources },
): string | undefined {
  const mapped = mounts.filter(({ type, options }) => type === 'bind' && options.includes('idmap')).map(({ source }) => source);
  const answers = [
    ...layers.map((path) => whyNoIdMap(path, user)),
    ...mapped.map((source) => whyNoIdMap(source, user, sources.get(source))),
  ];
  return answers.find((one) => one !== null) ?? undefined;
}
