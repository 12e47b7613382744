import { expect, test } from 'vitest';
import { ownerOf } from './owner.ts';

const ID = 'a'.repeat(64);

test.each([
  ['', 'root'],
  ['plimsoll-0123abcd', 'plimsoll'],
  ['plimsoll-0123abcd/acme/0123456789abcdef', 'plimsoll'],
  ['plimsoll', 'other-plimsoll'],
  ['plimsoll-89abcdef/default/0123456789abcdef', 'other-plimsoll'],
  ['plimsoll-core-12345678', 'other'],
  ['acme/plimsoll', 'other'],
  ['docker', 'docker'],
  [`docker/${ID}`, 'docker'],
  [`docker/${ID}/system.slice/cron.service`, 'docker'],
  [`docker/${ID}/kubepods.slice/kubepods-besteffort.slice`, 'docker'],
  [`system.slice/docker-${ID}.scope`, 'docker'],
  ['system.slice/docker-short.scope', 'systemd'],
  ['system.slice/docker.service', 'systemd'],
  [`libpod_parent/libpod-${ID}`, 'podman'],
  [`machine.slice/libpod-${ID}.scope/container`, 'podman'],
  [`user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope`, 'podman'],
  ['user.slice/podman-pause-1a2b.scope', 'podman'],
  ['machine.slice', 'systemd'],
  ['machine.slice/machine-debian.scope', 'systemd'],
  ['kubepods', 'kubernetes'],
  ['kubepods/burstable/pod1/abc', 'kubernetes'],
  [`kubepods.slice/kubepods-besteffort.slice/docker-${ID}.scope`, 'kubernetes'],
  ['init.scope', 'systemd'],
  ['system.slice/cron.service', 'systemd'],
  ['user.slice/user-1000.slice/user@1000.service/app', 'systemd'],
  ['lxc/web', 'other'],
  ['dockerish', 'other'],
  ['kubepodsish', 'other'],
])('%s is of %s', (path, owner) => {
  expect(ownerOf(path, 'plimsoll-0123abcd')).toBe(owner);
});
