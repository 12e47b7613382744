import { constants, setPriority } from 'node:os';
import { PlimsollError } from '@plimsoll/protocol';
import { buildRootfs, type BuiltRootfs } from './build-rootfs.ts';
import { importDirectory } from './directory-import.ts';
import { type ImportOutcome, ImportTask } from './import-message.ts';
import { importTar } from './tar-import.ts';

// Builds one image's root file system and reports it to its parent: node import-process.ts TASK, with a channel to its parent.
setPriority(constants.priority.PRIORITY_LOW);
process.umask(0o022);
// Its parent is gone, or has no more use for it.
process.on('disconnect', () => process.exit(1));

async function build(): Promise<BuiltRootfs> {
  const { kind, source, rootfs } = ImportTask.parse(JSON.parse(process.argv[2] ?? ''));
  return await buildRootfs(rootfs, async (writer) => {
    await (kind === 'tar' ? importTar(source, writer) : importDirectory(source, writer));
  });
}

function outcomeOf(error: unknown): ImportOutcome {
  if (error instanceof PlimsollError) return { outcome: 'refused', error: error.toBody() };
  const { message, code, path, syscall, stack } = error as NodeJS.ErrnoException;
  return { outcome: 'failed', failure: { message, code, path, syscall, stack } };
}

const outcome = await build().then((built): ImportOutcome => ({ outcome: 'built', built }), outcomeOf);
process.send?.(outcome, () => process.exit(0));
