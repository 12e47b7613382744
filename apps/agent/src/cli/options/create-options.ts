import { ContainerBrief, MIN_TMPFS_BYTES, PlimsollError, START_DEADLINE_MS, type CreateContainerInput } from '@plimsoll/protocol';
import type { AgentRequests } from '../../client/agent-requests.ts';
import type { Context } from '../context.ts';
import { parseEnvironment } from './environment-options.ts';
import { imageAndCommand, noSuchImage } from './image-and-command.ts';
import { isolationFields, isolationHelp, isolationOptions, isolationSections, parseIsolation } from './isolation-options.ts';
import {
  limitFields,
  limitOptions,
  newLimitHelp,
  parseNewLimits,
  storageFields,
  storageHelp,
  storageOptions,
} from './limit-options.ts';
import { mountFields, mountHelp, mountOptions, parseMounts, parseTmpfsMounts } from './mount-options.ts';
import { parseBytes, parsePair } from './quantities.ts';

/** Options of every verb that makes a container. */
export const createOptions = {
  name: { type: 'string' },
  group: { type: 'string' },
  image: { type: 'string' },
  entrypoint: { type: 'string' },
  env: { type: 'string', short: 'e', multiple: true, default: [] as string[] },
  'env-file': { type: 'string', multiple: true, default: [] as string[] },
  workdir: { type: 'string', short: 'w' },
  hostname: { type: 'string', short: 'h' },
  label: { type: 'string', short: 'l', multiple: true, default: [] as string[] },
  rm: { type: 'boolean', default: false },
  ...limitOptions,
  ...storageOptions,
  ...mountOptions,
  'shm-size': { type: 'string' },
  ...isolationOptions,
} as const;

export const createHelp = {
  name: 'a name of its own; one is made up otherwise',
  group: 'the group it belongs to, such as acme/web (default: default)',
  image: 'the image to run, where it is not the first word: all words are then the command',
  entrypoint: 'what to execute, with the words of the command as its arguments',
  env: 'NAME=value in its environment, any number of times; NAME takes the value from here',
  'env-file': 'a file with a variable a line, NAME=value or NAME; # begins a comment',
  workdir: 'the directory to begin in',
  hostname: 'its host name (default: its name)',
  label: 'NAME=value to remember with it, any number of times',
  rm: 'remove it when it has ended',
  ...newLimitHelp,
  ...storageHelp,
  ...mountHelp,
  'shm-size': 'the size of /dev/shm: 128m (default: 64m)',
  ...isolationHelp,
} as const;

export const createFields = {
  name: ['name'],
  group: ['group'],
  image: ['image'],
  command: ['COMMAND'],
  env: ['env', 'env-file'],
  labels: ['label'],
  workdir: ['workdir'],
  hostname: ['hostname'],
  shmBytes: ['shm-size'],
  ...limitFields,
  ...storageFields,
  ...mountFields,
  ...isolationFields,
} as const;

export const createSections = { cpus: 'Limits', volume: 'Mounts', ...isolationSections } as const;

export const CREATE_USAGE = '[options] IMAGE [COMMAND [ARGUMENT…]], or [options] -- COMMAND [ARGUMENT…] in the image base';

type Values = Parameters<typeof parseIsolation>[0] &
  Parameters<typeof parseNewLimits>[0] &
  Parameters<typeof parseMounts>[0] & {
    [N in 'name' | 'group' | 'image' | 'workdir' | 'hostname' | 'entrypoint' | 'shm-size']?: string | undefined;
  } & { env: string[]; 'env-file': string[]; label: string[]; rm: boolean };

/** What was typed, as a request; `words` are those after the options. */
export function parseCreate(
  values: Values,
  words: readonly string[],
  host: Pick<Context, 'environment' | 'ownBytes'>,
): CreateContainerInput {
  const { image, command } = imageAndCommand(words, values);
  const shm = values['shm-size'];
  const isolation = parseIsolation(values);
  return {
    ...(values.name !== undefined && { name: values.name }),
    ...(values.group !== undefined && { group: values.group }),
    ...(values.workdir !== undefined && { workdir: values.workdir }),
    ...(values.hostname !== undefined && { hostname: values.hostname }),
    ...(image !== undefined && { image }),
    command,
    env: parseEnvironment(values, host),
    labels: Object.fromEntries(values.label.map((text) => parsePair(text, '--label'))),
    limits: parseNewLimits(values),
    mounts: parseMounts(values),
    ...isolation,
    tmpfs: [...(isolation.tmpfs ?? []), ...parseTmpfsMounts(values)],
    // Docker's 0 is the size that it has otherwise.
    ...(shm !== undefined && shm !== '0' && { shmBytes: parseBytes(shm, '--shm-size', MIN_TMPFS_BYTES) }),
    autoRemove: values.rm,
  };
}

/** Makes the container. Throws UsageError where a first word that was taken for an image is none. */
export async function make(
  client: AgentRequests,
  verb: 'container.create' | 'container.run',
  request: CreateContainerInput,
  [first]: readonly string[],
): Promise<ContainerBrief> {
  try {
    return await client.brief(verb, request, { result: ContainerBrief, deadlineMs: START_DEADLINE_MS, repeat: 'once' });
  } catch (error) {
    if (error instanceof PlimsollError && error.code === 'too-large') {
      throw new PlimsollError('too-large', error.message, {
        hint: 'Arguments and variables count: give the container long ones in a file, by --volume or --mount.',
        cause: error,
      });
    }
    if (first === undefined || first !== request.image || !(error instanceof PlimsollError)) throw error;
    if (error.code !== 'not-found' && (error.code !== 'bad-request' || error.field !== 'image')) throw error;
    const images = await client.command('image.list', {});
    throw images.some(({ name }) => name === first) ? error : noSuchImage(first);
  }
}
