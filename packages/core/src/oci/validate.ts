import { CAPABILITIES } from '../abi/capabilities.ts';
import { isCapability } from '../security/capabilities.ts';
import { absolutePath, check, flag, integer, InvalidConfig, isObject, list, OBJECT, oneOf, text, type Check } from './check.ts';
import { checkResources } from './check-resources.ts';
import { NAMESPACE_TYPES, type OciConfig } from './config.ts';

const MOUNT_TYPES = ['proc', 'sysfs', 'tmpfs', 'devpts', 'mqueue'];
const U32 = 0xffff_ffff;

/** A checked config, or InvalidConfig for the first thing that is wrong or that core would have to ignore. */
export function validateConfig(value: unknown): OciConfig {
  check(
    value,
    '',
    OBJECT(
      {
        ociVersion: text(/^1\.\d+\.\d+/),
        root: OBJECT({ path: text(/^[^/]/) }, { readonly: flag }),
        process: OBJECT({
          args: list(text()),
          env: list(text(/^[^=]+=/)),
          cwd: absolutePath,
          user: OBJECT(
            { uid: integer(0, U32 - 1), gid: integer(0, U32 - 1) },
            { additionalGids: list(integer(0, U32 - 1)), umask: integer(0, 0o777) },
          ),
          capabilities: OBJECT({
            bounding: capabilitySet,
            effective: capabilitySet,
            permitted: capabilitySet,
            inheritable: capabilitySet,
            ambient: noCapabilities,
          }),
          noNewPrivileges: flag,
        }),
        mounts: list(OBJECT({ destination: mountDestination, type: oneOf(MOUNT_TYPES), source: text(), options: list(text()) })),
        linux: OBJECT({
          namespaces: list(OBJECT({ type: oneOf(NAMESPACE_TYPES) })),
          cgroupsPath: text(/^[a-z0-9_-][a-z0-9_.-]*(?:\/[a-z0-9_-]+)+$/),
          resources: checkResources,
          maskedPaths: list(kernelPath),
          readonlyPaths: list(kernelPath),
        }),
      },
      { hostname: text(/^.{1,64}$/), annotations: (map, path) => check(map, path, isObject) },
    ),
  );
  const config = value as OciConfig;
  if (config.process.args.length === 0) throw new InvalidConfig('process.args', 'names no program');
  const isolated = new Set(config.linux.namespaces.map(({ type }) => type));
  if (isolated.size !== config.linux.namespaces.length) throw new InvalidConfig('linux.namespaces', 'names a type twice');
  // Every step after the clone counts on these: without a mount namespace it would mount on the host.
  for (const needed of ['mount', 'pid'] as const) {
    if (!isolated.has(needed)) {
      throw new InvalidConfig('linux.namespaces', `lacks ${needed}: a container has a ${needed} namespace of its own`);
    }
  }
  if (config.hostname !== undefined && !isolated.has('uts')) {
    throw new InvalidConfig('hostname', 'needs a uts namespace of its own: it would rename the host');
  }
  return config;
}

/** A mount below, and not on, the root; and none below /proc, where it could cover what the masks rely on. */
const mountDestination: Check = (value, path) => {
  absolutePath(value, path);
  const parts = (value as string).split('/').slice(1);
  if (parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw new InvalidConfig(path, 'is not a plain absolute path');
  }
  if (parts[0] === 'proc' && parts.length > 1) throw new InvalidConfig(path, 'lies inside /proc');
};

/** Masks and read-only binds are for what the kernel shows; whether it is a directory is looked up there. */
const kernelPath: Check = (value, path) => {
  mountDestinationOrProc(value, path);
  if (!/^\/(?:proc|sys)\/./.test(value as string)) throw new InvalidConfig(path, 'is not below /proc or /sys');
};

function mountDestinationOrProc(value: unknown, path: string): void {
  absolutePath(value, path);
  if ((value as string).split('/').some((part) => part === '..' || part === '.')) {
    throw new InvalidConfig(path, 'is not a plain absolute path');
  }
}

const capabilitySet: Check = (value, path) => {
  list(text())(value, path);
  for (const name of value as string[]) {
    if (!isCapability(name)) {
      throw new InvalidConfig(path, `names ${name}, which is not one of the ${CAPABILITIES.length} capabilities`);
    }
  }
};

const noCapabilities: Check = (value, path) => {
  capabilitySet(value, path);
  if ((value as string[]).length > 0) throw new InvalidConfig(path, 'is not empty: ambient capabilities are not supported');
};
