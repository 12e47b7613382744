import { stat } from 'node:fs/promises';
import { PlimsollError, type ContainerMount } from '@plimsoll/protocol';
import type { Caller } from '../access/gatekeeper.ts';

/** Throws `forbidden` where anybody but the host's root asks for its files, and `not-found` for a source that is not there. */
export async function checkBinds(mounts: readonly ContainerMount[], { who }: Caller): Promise<void> {
  for (const mount of mounts) {
    if (mount.kind !== 'bind') continue;
    const { source } = mount;
    if (who !== 'local') {
      throw new PlimsollError('forbidden', `to mount ${source} of the host is for root on the host`, {
        hint: 'Use a volume instead, or the command line as root on the host.',
      });
    }
    await stat(source).catch((error: NodeJS.ErrnoException) => {
      throw new PlimsollError('not-found', `there is no ${source} on this host`, {
        hint: 'Give the path of a file or directory of the host; nothing is made there.',
        cause: error,
      });
    });
  }
}
