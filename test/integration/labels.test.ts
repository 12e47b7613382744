// @module-tag kernel
// @module-tag selinux

import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { InvalidConfig, StartError, type OciConfig } from '@plimsoll/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasParser, LoadedProfile } from '../support/apparmor.ts';
import { Core, type ContainerOptions } from '../support/core.ts';
import { expectAsBefore } from '../support/snapshot.ts';

const MODULES = '/sys/kernel/security/lsm';
const active = existsSync(MODULES) ? readFileSync(MODULES, 'utf8').trim().split(',') : [];
const hasAppArmor = active.includes('apparmor');
const hasSelinux = active.includes('selinux');
/** Of scripts/vm/selinux.cil; with categories, as container managers tell containers apart by. */
const TEST_CONTEXT = 'system_u:system_r:plimsoll_test_t:s0:c1,c2';
const OWN_LABEL = 'cat /proc/self/attr/current';

let core: Core;
beforeAll(async () => {
  core = await Core.make();
  // The group's cgroup stays after its containers.
  await core.run(['true']);
});
afterAll(async () => await core[Symbol.asyncDispose]());

type Edit = NonNullable<ContainerOptions['edit']>;

function labelled(
  label: Pick<OciConfig['process'], 'apparmorProfile' | 'selinuxLabel'>,
  edit: Edit = () => {},
): ContainerOptions {
  return {
    edit(config) {
      edit(config);
      Object.assign(config.process, label);
    },
  };
}

const profiled = (apparmorProfile: string, edit?: Edit): ContainerOptions => labelled({ apparmorProfile }, edit);
const contexted = (selinuxLabel: string, edit?: Edit): ContainerOptions => labelled({ selinuxLabel }, edit);
const withHostsUsers: Edit = ({ linux }) => {
  linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'user');
};

/** Whether the policy that is in force knows it. */
function takesContext(context: string): boolean {
  try {
    writeFileSync('/sys/fs/selinux/context', context);
    return true;
  } catch {
    return false;
  }
}

/** A start that fails and leaves nothing. Returns what it fails with. */
async function refused(options: ContainerOptions): Promise<Error> {
  await using container = core.container({ args: ['true'], ...options });
  const before = await core.snapshot();
  const error = await container.start().catch((thrown: unknown) => thrown);
  await expectAsBefore(core.place, before);
  expect(error).toBeInstanceOf(Error);
  return error as Error;
}

const noProfiles = !hasAppArmor ? 'not active on this kernel' : hasParser() ? null : 'no apparmor_parser to load a profile with';

describe.runIf(noProfiles === null)(`AppArmor${noProfiles === null ? '' : `: ${noProfiles}`}`, () => {
  const name = `plimsoll-test-${randomBytes(4).toString('hex')}`;
  let profile: LoadedProfile;
  beforeAll(() => {
    const everything = ['file', 'capability', 'network', 'signal', 'ptrace', 'mount', 'umount', 'unix'];
    profile = new LoadedProfile(name, [...everything, 'deny /etc/walled/** w', 'deny capability chown']);
  });
  afterAll(() => profile[Symbol.dispose]());

  test('holds the container in its profile, from the command on and over every exec', async () => {
    await expect(core.shell(`${OWN_LABEL}; sh -c "${OWN_LABEL}"`, profiled(name))).resolves.toBe(
      `${name} (enforce)\n${name} (enforce)`,
    );
  });

  test.each<[string, ContainerOptions]>([
    ['a user namespace of its own', profiled(name)],
    ["the host's user namespace", profiled(name, withHostsUsers)],
  ])('denies what the profile denies, and no more, in %s', async (_, options) => {
    const script = [
      'mkdir /etc/walled /etc/open && echo 1 >/etc/open/file && cat /etc/open/file',
      'touch /etc/walled/file || echo walled',
      'chown 1 /etc/open/file || echo kept',
      'rm -r /etc/open && mkdir /etc/open && echo free',
    ].join('\n');
    const { exit, stdout, stderr } = await core.run(['/bin/sh', '-c', script], options);
    expect({ exit, stdout }).toEqual({ exit: { code: 0, signal: null }, stdout: '1\nwalled\nkept\nfree\n' });
    expect(stderr).toMatch(/walled\/file.*Permission denied/);
  });

  test('refuses a profile that is not loaded, and leaves nothing', async () => {
    const error = await refused(profiled('no-such-profile'));
    expect(error).toBeInstanceOf(StartError);
    expect(error.message).toBe(
      'enter the AppArmor profile no-such-profile at exec: write: ENOENT (no such file or directory): no profile of that name is loaded on this host',
    );
  });

  test('leaves a container alone that asks for none, or for none in words', async () => {
    await expect(core.shell(OWN_LABEL)).resolves.toBe('unconfined');
    await expect(core.shell(OWN_LABEL, profiled('unconfined'))).resolves.toBe('unconfined');
  });
});

describe.runIf(!hasAppArmor)(`without AppArmor${hasAppArmor ? ' (which this kernel has)' : ''}`, () => {
  test('a profile is refused, and leaves nothing', async () => {
    const error = await refused(profiled('docker-default'));
    expect(error).toBeInstanceOf(InvalidConfig);
    expect(error.message).toBe('config.process.apparmorProfile: asks for a label, and AppArmor is not active on this host');
  });

  test('unconfined is what every container is', async () => {
    await expect(core.shell('echo ran', profiled('unconfined'))).resolves.toBe('ran');
  });
});

/** Where it is not, as on hosts whose SELinux has a policy of theirs: nothing here loads one. */
const hasTestPolicy = hasSelinux && takesContext(TEST_CONTEXT);
const noContexts = !hasSelinux
  ? 'not active on this kernel'
  : hasTestPolicy
    ? null
    : "without the policy of the virtual machine's";

describe.runIf(noContexts === null)(`SELinux${noContexts === null ? '' : `: ${noContexts}`}`, () => {
  test('holds the container in its context, from the command on and over every exec', async () => {
    const options = contexted(TEST_CONTEXT);
    const { stdout } = await core.run(['/bin/sh', '-c', `${OWN_LABEL}; sh -c "${OWN_LABEL}"`], options);
    expect(stdout.replaceAll('\0', '\n')).toBe(`${TEST_CONTEXT}\n${TEST_CONTEXT}\n`);
  });

  test.each<[string, ContainerOptions]>([
    ['a user namespace of its own', contexted(TEST_CONTEXT)],
    ["the host's user namespace", contexted(TEST_CONTEXT, withHostsUsers)],
  ])('denies what the policy denies, and no more, in %s', async (_, options) => {
    const script =
      'mkdir /etc/open && echo 1 >/etc/open/file && cat /etc/open/file; chown 1 /etc/open/file || echo kept; sleep 0; id -u';
    const { exit, stdout, stderr } = await core.run(['/bin/sh', '-c', script], options);
    expect({ exit, stdout }).toEqual({ exit: { code: 0, signal: null }, stdout: '1\nkept\n0\n' });
    expect(stderr).toMatch(/open\/file.*Operation not permitted/);
    await expect(core.shell(script)).resolves.toBe('1\n0');
  });

  test('refuses a context that the policy does not have, and leaves nothing', async () => {
    const error = await refused(contexted('system_u:system_r:no_such_t:s0'));
    expect(error).toBeInstanceOf(StartError);
    expect(error.message).toBe(
      'enter the SELinux context system_u:system_r:no_such_t:s0 at exec: write: EINVAL (an argument is not valid): the policy of this host has no such context',
    );
  });

  test('leaves a container in the context of who starts it that asks for none', async () => {
    const { stdout } = await core.run(['/bin/sh', '-c', OWN_LABEL]);
    expect(stdout).toBe(readFileSync('/proc/self/attr/current', 'utf8'));
  });
});

describe.runIf(!hasSelinux)(`without SELinux${hasSelinux ? ' (which this kernel has)' : ''}`, () => {
  test('a context is refused, and leaves nothing', async () => {
    const error = await refused(contexted('system_u:system_r:container_t:s0'));
    expect(error).toBeInstanceOf(InvalidConfig);
    expect(error.message).toBe('config.process.selinuxLabel: asks for a label, and SELinux is not active on this host');
  });
});
