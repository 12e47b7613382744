import { randomBytes } from 'node:crypto';
import { Hostname, PlimsollError, type CreateContainer } from '@plimsoll/protocol';
import { ociConfig } from '../../oci-config.ts';
import { ociMounts } from '../../oci-mounts.ts';
import type { ContainerDefinition } from '../../supervisor/protocol.ts';
import { mergeEnvironment } from './environment.ts';

/** What a definition needs to know of an image. */
export interface ResolvedImage {
  name: string;
  digest: string;
  layers: string[];
  config: { command: string[]; env: string[]; workdir: string };
}

/** Where on the host it will be. `volumePath`: a volume's files. */
export interface Place {
  cgroupRoot: string;
  volumePath: (volume: string) => string;
}

/** A container as it will be stored: a person's wishes, the image's defaults, and the OCI config that both lead to. */
export function define(
  wishes: CreateContainer,
  name: string,
  image: ResolvedImage,
  { cgroupRoot, volumePath }: Place,
): ContainerDefinition {
  const { group, limits, mounts, labels, autoRemove } = wishes;
  const id = randomBytes(8).toString('hex');
  const args = wishes.command.length > 0 ? wishes.command : image.config.command;
  if (args.length === 0) {
    throw new PlimsollError('bad-request', `image "${image.name}" has no command of its own`, {
      hint: 'Say which command to run.',
    });
  }
  const config = ociConfig({
    id,
    hostname: wishes.hostname ?? (Hostname.safeParse(name).success ? name : id),
    args,
    env: mergeEnvironment(image.config.env, wishes.env),
    cwd: wishes.workdir ?? image.config.workdir,
    limits,
    mounts: ociMounts(mounts, volumePath),
    cgroupsPath: `${cgroupRoot}/${group}/${id}`,
  });
  return {
    version: 1,
    id,
    name,
    group,
    image: image.name,
    imageDigest: image.digest,
    layers: image.layers,
    limits,
    mounts,
    labels,
    autoRemove,
    createdAt: new Date().toISOString(),
    sharing: {},
    seccomp: 'default',
    config: { ...config, process: { ...config.process } },
  };
}
