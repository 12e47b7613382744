import { expect, test } from 'vitest';
import { Cgroup } from './cgroup.ts';
import { layoutFrom } from './layout.ts';

const V2 = '30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate';
const HYBRID = `31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
38 31 0:35 / /sys/fs/cgroup/blkio rw - cgroup cgroup rw,blkio
40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd
41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw`;
const INSIDE_A_CONTAINER = '30 23 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup2 rw';

test('layouts are read, not guessed', () => {
  const v2 = layoutFrom(V2, 'cpuset cpu io memory pids\n');
  expect(v2).toMatchObject({ kind: 'v2', unified: '/sys/fs/cgroup' });
  expect(v2.controllers.get('io')).toEqual({ version: 2, mount: '/sys/fs/cgroup' });

  const hybrid = layoutFrom(HYBRID, 'hugetlb pids\n');
  expect(hybrid).toMatchObject({ kind: 'hybrid', unified: '/sys/fs/cgroup/unified' });
  expect(hybrid.controllers.get('cpuacct')).toEqual({ version: 1, mount: '/sys/fs/cgroup/cpu,cpuacct' });
  expect(hybrid.controllers.get('io')).toEqual({ version: 1, mount: '/sys/fs/cgroup/blkio' });
  // A controller that no v1 hierarchy has is the v2 tree's.
  expect(hybrid.controllers.get('pids')).toEqual({ version: 2, mount: '/sys/fs/cgroup/unified' });

  const v1 = layoutFrom(HYBRID.split('\n').slice(0, -1).join('\n'), '');
  expect(v1).toMatchObject({ kind: 'v1', unified: null });
  // A mount of a part of the hierarchy is not its root.
  expect(layoutFrom(INSIDE_A_CONTAINER, 'cpu\n').unified).toBeNull();
});

test('a path that could lead elsewhere is no cgroup', () => {
  const layout = layoutFrom(V2, 'cpu');
  for (const path of ['', '/a', 'a/', 'a//b', '..', 'a/../b', 'a/./b', 'a\0b']) {
    expect(() => new Cgroup(layout, path)).toThrow(RangeError);
  }
  expect(new Cgroup(layout, 'plimsoll/acme/web').lineage).toEqual(['plimsoll', 'plimsoll/acme', 'plimsoll/acme/web']);
});
