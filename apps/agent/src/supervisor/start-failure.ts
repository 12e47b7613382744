import { InvalidConfig, LimitRefused, MissingController, StartError, StartTimeout, UntrustedSource } from '@plimsoll/core';
import { PlimsollError } from '@plimsoll/protocol';
import { diskError } from '../disk-failure.ts';
import { invalidConfig } from './invalid-config.ts';
import { resourceFailure } from '../resource-failure.ts';

/** Core's errors in the words and codes that cross the border. */
export function startFailure(name: string, cause: unknown): PlimsollError {
  if (cause instanceof PlimsollError) return cause;
  const disk = diskError(cause);
  if (disk !== null) return disk;
  if (cause instanceof UntrustedSource) {
    return new PlimsollError('conflict', `container "${name}" did not start: ${cause.message}`, {
      hint: 'Mount what the link leads to by its own path, or mount that directory read-only into the other container.',
      cause,
    });
  }
  // Of the supervisor and of the host: a container's own limits are met by other calls.
  const reason = cause instanceof StartError ? cause.cause : cause;
  const limit = isOfDescriptors(reason) ? resourceFailure(reason) : null;
  if (limit !== null) return limit;
  if (cause instanceof MissingController) return new PlimsollError('unsupported-on-host', cause.message, { cause });
  if (cause instanceof InvalidConfig) return invalidConfig(cause);
  if (cause instanceof LimitRefused) {
    return new PlimsollError('start-failed', `container "${name}" did not start: its group ${cause.message}`, { cause });
  }
  if (cause instanceof StartTimeout) {
    return new PlimsollError('start-timeout', `container "${name}" did not start: ${cause.message}`, { cause });
  }
  if (!(cause instanceof StartError)) {
    const message = cause instanceof Error ? cause.message : String(cause);
    return new PlimsollError('start-failed', `container "${name}" did not start: ${message}`, { cause });
  }
  if (!cause.inExec) {
    const hint = 'Make the container again with another setting, or change on the host or in the image what is named.';
    const message = `container "${name}" did not start: ${cause.message}`;
    return new PlimsollError('start-failed', message, { cause, ...(cause.isExplained && { hint }) });
  }
  if (cause.cause?.is('E2BIG') === true) {
    return new PlimsollError(
      'command-not-executable',
      `${cause.message}: there are more arguments and variables than the kernel takes`,
      {
        hint: 'It takes a quarter of the limit "stack" in all (--ulimit stack), and at least 128 KiB: see execve(2).',
        cause,
      },
    );
  }
  const missing = cause.cause?.is('ENOENT', 'ENOTDIR') ?? false;
  return new PlimsollError(missing ? 'command-not-found' : 'command-not-executable', cause.message, { cause });
}

function isOfDescriptors(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EMFILE' || error.code === 'ENFILE');
}
