import { DEFAULT_MOUNTS, DEFAULT_READONLY_PATHS, type OciConfig } from '@plimsoll/core';
import { expect, it } from 'vitest';
import type { ContainerDefinition } from './protocol.ts';
import { startConfig } from './start-config.ts';

const definition = { sharing: {}, seccomp: 'own' } as unknown as ContainerDefinition;

function started(readonlyPaths: readonly string[]): OciConfig {
  const withoutMost = (options: string[]) => options.filter((option) => !option.startsWith('max='));
  const earlier = DEFAULT_MOUNTS.filter(({ type }) => type !== 'cgroup');
  const mounts = earlier.map((mount) => ({ ...mount, options: withoutMost(mount.options) }));
  const config = { mounts, linux: { namespaces: [{ type: 'mount' }], readonlyPaths } } as unknown as OciConfig;
  return startConfig(definition, config, () => {
    throw new Error('it joins none');
  });
}

it('has what is read-only by default, bounds terminals, and mounts the cgroup, of a definition from before they were', () => {
  const { mounts, linux } = started(DEFAULT_READONLY_PATHS.filter((path) => path !== '/proc/pressure'));
  expect(linux.readonlyPaths.toSorted()).toEqual([...DEFAULT_READONLY_PATHS].toSorted());
  expect(mounts).toEqual(DEFAULT_MOUNTS);
});

it('makes nothing read-only where the definition has no such path: the mounts are those of others', () => {
  expect(started([]).linux.readonlyPaths).toEqual([]);
});

it('mounts no cgroup where the definition has no /sys of its own, and no second one', () => {
  const mountsOf = (mounts: OciConfig['mounts']) => {
    const config = { mounts, linux: { namespaces: [{ type: 'mount' }], readonlyPaths: [] } } as unknown as OciConfig;
    return startConfig(definition, config, () => {
      throw new Error('it joins none');
    }).mounts;
  };
  expect(mountsOf([])).toEqual([]);
  expect(mountsOf([...DEFAULT_MOUNTS])).toEqual(DEFAULT_MOUNTS);
});
