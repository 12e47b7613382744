import { LimitInUse, LimitRefused, MissingController } from '@plimsoll/core';
import { PlimsollError } from '@plimsoll/protocol';

/** Core's refusals of limits in the words and codes that cross the border; anything else as it is. `what`: group "acme". */
export function limitFailure(what: string, cause: unknown): unknown {
  if (cause instanceof MissingController) return new PlimsollError('unsupported-on-host', `${what}: ${cause.message}`, { cause });
  if (cause instanceof LimitRefused || cause instanceof LimitInUse) {
    return new PlimsollError('conflict', `${what}: ${cause.message}`, {
      hint: 'Nothing was changed. Give another value.',
      cause,
    });
  }
  return cause;
}
