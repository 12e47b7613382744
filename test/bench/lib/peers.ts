import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OciConfig } from '@plimsoll/core';

export interface Peer {
  name: string;
  path: string;
  version: string;
  args(id: string): string[];
}

/** The OCI runtimes that are installed, each given our own config of the same container: namespaces, limits, capabilities, masks. */
export function peers(directory: string, config: OciConfig, rootfs: string): Peer[] {
  const found: Peer[] = [];
  for (const name of ['crun', 'runc']) {
    const path = ['/usr/bin', '/usr/sbin', '/usr/local/bin']
      .map((folder) => join(folder, name))
      .find((candidate) => existsSync(candidate));
    if (path === undefined) continue;
    const bundle = join(directory, `bundle-${name}`);
    mkdirSync(bundle, { recursive: true });
    const theirs = {
      ...config,
      ociVersion: '1.0.2',
      root: { path: rootfs, readonly: false },
      linux: { ...config.linux, cgroupsPath: undefined, resources: { ...config.linux.resources, devices: undefined } },
    };
    writeFileSync(join(bundle, 'config.json'), JSON.stringify(theirs));
    const version =
      spawnSync(path, ['--version'], { encoding: 'utf8' })
        .stdout.split('\n')[0]
        ?.replace(/.*version /, '') ?? '';
    found.push({
      name,
      path,
      version,
      args: (id) => [
        ...(name === 'crun' ? ['--cgroup-manager=cgroupfs'] : []),
        '--root',
        join(directory, `root-${name}`),
        'run',
        '--bundle',
        bundle,
        id,
      ],
    });
  }
  return found;
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
