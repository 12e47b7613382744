import { UsageError } from '../verb.ts';

/** What a new container is to run. What is absent is left to the agent: its own image, or the image's own command. */
export interface ImageAndCommand {
  image?: string;
  command: string[];
}

/**
 * `IMAGE COMMAND…` as docker and podman have it, `-- COMMAND…` for a command in the image `base`; with an `--image` all words are
 * the command, and with an `--entrypoint` its arguments. Throws UsageError where neither an image nor a command is named.
 */
export function imageAndCommand(
  words: readonly string[],
  { image: option, entrypoint }: { image?: string | undefined; entrypoint?: string | undefined },
): ImageAndCommand {
  const [first, ...rest] = words;
  const isCommand = first === '--' || option !== undefined;
  const image = isCommand ? option : first;
  const named = isCommand && first !== '--' ? words : rest;
  const command = entrypoint ? [entrypoint, ...named] : [...named];
  if (image === undefined && command.length === 0) throw new UsageError('name an image, or -- COMMAND for a command in base');
  return { ...(image !== undefined && { image }), command };
}

/** Of a first word that was taken for an image. */
export function noSuchImage(image: string): UsageError {
  return new UsageError(`there is no image "${image}": write IMAGE COMMAND…, or -- COMMAND… for a command in base`);
}
