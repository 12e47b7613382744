import type { CreateContainerInput, NamespaceType } from '@plimsoll/protocol';
import { parseOffset, SECONDS_WANTED } from '@plimsoll/protocol/quantities';
import { FieldError } from './field-error.ts';
import { sentence } from './format.ts';

/** What a form offers to share with another container; the user namespace follows by itself where it must. */
export const SHAREABLE = ['pid', 'ipc', 'network', 'uts'] as const satisfies readonly NamespaceType[];

/** `-ALL NET_RAW`: what is to be added to the default set, and with a minus what is to be dropped. */
export function readCapabilities(text: string): CreateContainerInput['capabilities'] {
  const words = text.split(/[\s,]+/).filter(Boolean);
  return {
    add: words.filter((word) => !word.startsWith('-')).map((word) => word.replace(/^\+/, '')),
    drop: words.filter((word) => word.startsWith('-')).map((word) => word.slice(1)),
  };
}

/** Seconds that both clocks are ahead of the host's. */
export function readOffset(text: string): CreateContainerInput['timeOffsets'] {
  const seconds = parseOffset(text);
  if (seconds === null) throw new FieldError(sentence(SECONDS_WANTED));
  return { monotonicS: seconds, boottimeS: seconds };
}

export function readShares(container: string, types: readonly string[]): CreateContainerInput['namespaces'] {
  const shared = SHAREABLE.filter((type) => types.includes(type));
  if (shared.length === 0) throw new FieldError('Choose what is shared with it.');
  return Object.fromEntries(shared.map((type) => [type, { container }]));
}
