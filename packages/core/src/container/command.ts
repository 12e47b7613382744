import { NAME_MAX } from '../abi/open.ts';

/** The PATH that a container has whose environment names none. */
export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Where execvp(3) would look: the command itself where it has a slash or is no name for a file, else below each directory of the environment's PATH. */
export function commandCandidates(command: string, env: readonly string[]): string[] {
  if (command.includes('/') || command === '' || Buffer.byteLength(command) > NAME_MAX) return [command];
  const path = env.find((variable) => variable.startsWith('PATH='))?.slice('PATH='.length) ?? DEFAULT_PATH;
  // An empty part would mean the working directory: not in a container.
  const directories = path.split(':').filter((directory) => directory.startsWith('/'));
  return directories.length === 0 ? [command] : directories.map((directory) => `${directory.replace(/\/+$/, '')}/${command}`);
}
