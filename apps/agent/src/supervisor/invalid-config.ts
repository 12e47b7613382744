import type { InvalidConfig } from '@plimsoll/core';
import { PlimsollError } from '@plimsoll/protocol';

/** Core's refusal of a config in the words that cross the border. */
export function invalidConfig(cause: InvalidConfig): PlimsollError {
  return new PlimsollError('bad-request', cause.why, { field: `config.${cause.path}`, cause });
}
