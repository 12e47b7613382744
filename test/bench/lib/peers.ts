import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolveProfile, seccompHost, type OciConfig } from '@plimsoll/core';

export interface Peer {
  name: string;
  path: string;
  version: string;
  args(id: string): string[];
}

/** Namespaces that a runtime of this name does not know of. */
const UNKNOWN: Readonly<Record<string, readonly string[]>> = { crun: [], runc: ['time'] };

/**
 * The OCI runtimes that are installed, each given our own config of the same container: namespaces, id maps, limits,
 * capabilities, masks, and the same seccomp profile with its conditions resolved. `layers`: topmost first; they get one
 * copy of them all, whose files belong to the container's root, since they show none by other ids.
 */
export function peers(directory: string, config: OciConfig, layers: readonly string[]): Peer[] {
  const rootfs = join(directory, 'rootfs-of-peers');
  const owner = config.linux.uidMappings?.[0]?.hostID ?? 0;
  mkdirSync(rootfs);
  for (const layer of layers.toReversed()) execFileSync('cp', ['-a', `${layer}/.`, rootfs]);
  execFileSync('chown', ['-hR', `${owner}:${owner}`, rootfs]);
  return Object.keys(UNKNOWN).flatMap((name) => {
    const path = ['/usr/bin', '/usr/sbin', '/usr/local/bin'].map((folder) => join(folder, name)).find((one) => existsSync(one));
    if (path === undefined) return [];
    const bundle = join(directory, `bundle-${name}`);
    mkdirSync(bundle, { recursive: true });
    writeFileSync(join(bundle, 'config.json'), JSON.stringify(inTheirForm(config, rootfs, UNKNOWN[name] ?? [])));
    const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
    const version = stdout.split('\n')[0]?.replace(/.*version /, '') ?? '';
    const manager = name === 'crun' ? ['--cgroup-manager=cgroupfs'] : [];
    const state = join(directory, `root-${name}`);
    return [{ name, path, version, args: (id) => [...manager, '--root', state, 'run', '--bundle', bundle, id] }];
  });
}

/** As who follows version 1.0 of the standard takes it; without the list of devices, which crun refuses on a hybrid layout. */
function inTheirForm(config: OciConfig, rootfs: string, unknown: readonly string[]): object {
  const { cgroupsPath: _, seccomp, ...linux } = config.linux;
  const { devices: _devices, ...resources } = linux.resources;
  const host = seccompHost(config.process.capabilities.bounding);
  return {
    ...config,
    ociVersion: '1.0.2',
    root: { path: rootfs, readonly: false },
    linux: {
      ...linux,
      resources,
      namespaces: linux.namespaces.filter(({ type }) => !unknown.includes(type)),
      ...(seccomp !== undefined && { seccomp: resolveProfile(seccomp, host) }),
    },
  };
}

/**
 * crun takes a v2 tree with any controller in it for a pure v2 host, and refuses a hybrid one that has hugetlb there. In a
 * mount namespace of this benchmark's own an empty file stands over the list of controllers.
 */
export function enterPrivateMountNamespace(script: string): never {
  const hidden =
    '[ ! -e /sys/fs/cgroup/unified/cgroup.controllers ] || mount --bind /dev/null /sys/fs/cgroup/unified/cgroup.controllers';
  const command = `${hidden}; PLIMSOLL_BENCH_INSIDE=1 exec "$0" "$@"`;
  const { status } = spawnSync(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-c', command, process.execPath, script],
    { stdio: 'inherit' },
  );
  process.exit(status ?? 1);
}
