import { UsageError } from '../verb.ts';

/** What a new container is to run. What is absent is left to the agent: its own image, or the image's own command. */
export interface ImageAndCommand {
  image?: string;
  command: string[];
}

/**
 * `IMAGE COMMAND…` as docker and podman have it, `-- COMMAND…` for a command in the image `base`; with an `--image` all words are
 * the command.
 */
export function imageAndCommand(words: readonly string[], option: string | undefined): ImageAndCommand {
  const [first, ...rest] = words;
  if (first === '--') return { ...(option !== undefined && { image: option }), command: rest };
  if (option !== undefined) return { image: option, command: [...words] };
  return { ...(first !== undefined && { image: first }), command: rest };
}

/** Of a first word that was taken for an image. */
export function noSuchImage(image: string): UsageError {
  return new UsageError(`there is no image "${image}": write IMAGE COMMAND…, or -- COMMAND… for a command in base`);
}
