import { randomBytes } from 'node:crypto';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, lchownSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolveProfile, seccompHost, type OciConfig } from '@plimsoll/core';
import { listLeftover } from '../leftovers.ts';
import { clearCgroups } from '../named-cgroups.ts';

const CRUN = '/usr/bin/crun';

/** Why there is no crun to compare with; null: there is one. */
export const WITHOUT_CRUN = spawnSync(CRUN, ['--version']).status === 0 ? null : 'there is no crun';

export interface CrunRequest {
  /** An existing one, for all that it needs: its bundle, its state, a copy of the image. */
  directory: string;
  config: OciConfig;
  layers: readonly string[];
}

/**
 * Runs a config in crun, to its end. Its rootfs is an overlay of the layers as ours is, by a copy whose files belong to the
 * container's root: it has no id-mapped layers.
 *
 * It takes a v2 tree with any controller in it for a pure v2 host, and refuses a hybrid one. In a mount namespace of its own
 * an empty file stands over the list of controllers, and the overlay is mounted there too. Version 1.8 sets no clocks in a
 * user namespace, and ends in a time namespace without one.
 */
export async function runInCrun(request: CrunRequest): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { directory, config, layers } = request;
  // Not below ours, whose list of devices lets none of the further ones in that it allows by itself.
  const cgroupRoot = `plimsoll-crun-${randomBytes(4).toString('hex')}`;
  listLeftover('cgroup', cgroupRoot);
  const owner = config.linux.uidMappings?.[0]?.hostID ?? 0;
  const [image, upper, work] = [join(directory, 'image'), join(directory, 'upper'), join(directory, 'work')];
  const rootfs = join(directory, 'rootfs');
  for (const path of [image, upper, work, rootfs]) {
    mkdirSync(path);
    chownSync(path, owner, owner);
  }
  for (const layer of layers.toReversed()) execFileSync('cp', ['-a', `${layer}/.`, image]);
  if (owner !== 0) giveTo(owner, image);
  // RLIM_INFINITY, 2^64 - 1, is no double.
  const text = JSON.stringify(inItsForm(request, cgroupRoot)).replaceAll(String(2 ** 64), String(2n ** 64n - 1n));
  writeFileSync(join(directory, 'config.json'), text);
  const script = `set -e
    list=/sys/fs/cgroup/unified/cgroup.controllers
    [ ! -e $list ] || mount --bind /dev/null $list
    mount -t overlay overlay -o lowerdir=${image},upperdir=${upper},workdir=${work} ${rootfs}
    exec ${CRUN} --cgroup-manager=cgroupfs --root ${join(directory, 'state')} run --bundle ${directory} ${cgroupRoot}`;
  // A pipe: crun gives its standard streams to the container's root, and would give away the host's /dev/null.
  const child = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script], { stdio: 'pipe' });
  child.stdin.end();
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  clearCgroups(cgroupRoot);
  return { code, stdout, stderr };
}

/** As config.json has it for who follows version 1.0 of the standard: seccomp without Docker's conditions. */
function inItsForm({ config }: CrunRequest, cgroupRoot: string): object {
  const { seccomp, ...linux } = config.linux;
  const host = seccompHost(config.process.capabilities.bounding);
  return {
    ...config,
    ociVersion: '1.0.2',
    root: { ...config.root, path: 'rootfs' },
    linux: {
      ...linux,
      cgroupsPath: `/${cgroupRoot}/container`,
      ...(seccomp && { seccomp: resolveProfile(seccomp, host) }),
    },
  };
}

function giveTo(owner: number, directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    lchownSync(join(entry.parentPath, entry.name), owner, owner);
  }
}
