import { randomBytes } from 'node:crypto';
import { changedLimits, Hostname, PlimsollError, type CreateContainer, type RunContainer } from '@plimsoll/protocol';
import { ociConfig } from '../../oci-config.ts';
import { ociMounts } from '../../oci-mounts.ts';
import type { ContainerDefinition } from '../../supervisor/protocol.ts';
import type { Caller } from '../access/gatekeeper.ts';
import { hostNameIn } from '../isolation-request/host-name.ts';
import { resolveIsolation } from '../isolation-request/isolation.ts';
import { noteOnSetUserId } from '../isolation-request/set-user-id.ts';
import { sharingOf, type FindContainer } from '../isolation-request/namespaces.ts';
import { mergeEnvironment } from './environment.ts';

/** What a definition needs to know of an image. */
export interface ResolvedImage {
  name: string;
  digest: string;
  layers: string[];
  config: { command: string[]; env: string[]; workdir: string };
}

/** What a definition needs to know beside the request. */
export interface Surroundings {
  cgroupRoot: string;
  /** A volume's files. */
  volumePath: (volume: string) => string;
  /** Who asks: some things are root's alone. */
  caller: Caller;
  /** Other containers, whose namespaces may be asked for. */
  find: FindContainer;
}

/** `note`: what the maker should know of it, in sentences; null: nothing. */
export interface Defined {
  definition: ContainerDefinition;
  note: string | null;
}

/**
 * A container as it will be stored: a person's request, the image's defaults, and the OCI config that both lead to. Throws
 * `bad-request`, `not-found`, `forbidden` and `unsupported-on-host` for what cannot be had.
 */
export function define(
  request: CreateContainer & Partial<Pick<RunContainer, 'attended'>>,
  name: string,
  image: ResolvedImage,
  { cgroupRoot, volumePath, caller, find }: Surroundings,
): Defined {
  const { group, limits, mounts, labels, autoRemove, openStdin, attended = false } = request;
  const id = randomBytes(8).toString('hex');
  const args = request.command.length > 0 ? request.command : image.config.command;
  if (args.length === 0) {
    throw new PlimsollError('bad-request', `image "${image.name}" has no command of its own`, {
      hint: 'Say which command to run.',
    });
  }
  const isolation = resolveIsolation(request, { caller, find, layers: image.layers });
  const hostname = request.hostname ?? (Hostname.safeParse(name).success ? name : id);
  const hasHome = request.env['HOME'] !== undefined || image.config.env.some((entry) => entry.startsWith('HOME='));
  const config = ociConfig(request, isolation, {
    hostname,
    args,
    env: mergeEnvironment(
      { HOME: hasHome ? undefined : isolation.home(), HOSTNAME: hostNameIn(isolation.namespaces.uts, hostname, find) },
      image.config.env,
      request.env,
    ),
    cwd: request.workdir ?? image.config.workdir,
    mounts: ociMounts(mounts, volumePath),
    cgroupsPath: `${cgroupRoot}/${group}/${id}`,
  });
  const definition: ContainerDefinition = {
    version: 1,
    id,
    name,
    group,
    image: image.name,
    imageDigest: image.digest,
    layers: image.layers,
    limits: changedLimits({}, limits),
    mounts,
    labels,
    autoRemove,
    ...(attended && { attended }),
    ...(openStdin && { openStdin }),
    createdAt: new Date().toISOString(),
    sharing: sharingOf(isolation.namespaces),
    seccomp: typeof request.seccomp === 'string' ? request.seccomp : 'custom',
    config: { ...config, process: { ...config.process } },
  };
  return { definition, note: noteOnSetUserId(config.process, image.layers) };
}
