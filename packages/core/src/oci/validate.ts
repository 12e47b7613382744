import { CAPABILITIES } from '../abi/capabilities.ts';
import { isCapability } from '../security/capabilities.ts';
import { NAMESPACE_TYPES, type OciConfig } from './config.ts';

/** Thrown for a config that core does not carry out, whole and exactly. `path` is the property, `linux.namespaces.0.type`. */
export class InvalidConfig extends Error {
  override readonly name = 'InvalidConfig';
  readonly path: string;
  constructor(path: string, why: string) {
    super(`config.${path}: ${why}`);
    this.path = path;
  }
}

const MOUNT_TYPES = ['proc', 'sysfs', 'tmpfs', 'devpts', 'mqueue'];
/** MAX_ARG_STRLEN: 32 pages. */
const MAX_STRING = 131_071;
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
          resources: OBJECT(
            {},
            {
              cpu: OBJECT({}, { shares: integer(2, 262_144), quota: integer(-1, 2 ** 44), period: integer(1000, 1_000_000) }),
              memory: OBJECT({}, { limit: integer(-1, 2 ** 52) }),
              pids: OBJECT({ limit: integer(-1, 4_194_304) }),
              devices: list(
                OBJECT(
                  { allow: flag },
                  {
                    type: oneOf(['a', 'b', 'c']),
                    major: integer(0, 4095),
                    minor: integer(0, 1_048_575),
                    access: text(/^[rwm]{1,3}$/),
                  },
                ),
              ),
            },
          ),
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

type Check = (value: unknown, path: string) => void;

function check(value: unknown, path: string, ...checks: Check[]): void {
  for (const one of checks) one(value, path);
}

function isObject(value: unknown, path: string): asserts value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new InvalidConfig(path, 'is not an object');
}

/** An object with these properties, those optional ones, and no other: an unknown property would be ignored in silence. */
function OBJECT(required: Record<string, Check>, optional: Record<string, Check> = {}): Check {
  return (value, path) => {
    isObject(value, path);
    const at = (key: string) => (path === '' ? key : `${path}.${key}`);
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(required, key) && !Object.hasOwn(optional, key)) throw new InvalidConfig(at(key), 'is not supported');
    }
    for (const [key, one] of Object.entries(required)) {
      if (value[key] === undefined) throw new InvalidConfig(at(key), 'is missing');
      one(value[key], at(key));
    }
    for (const [key, one] of Object.entries(optional)) if (value[key] !== undefined) one(value[key], at(key));
  };
}

function list(item: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value) || value.length > 100_000) throw new InvalidConfig(path, 'is not a list');
    value.forEach((one, i) => item(one, `${path}.${i}`));
  };
}

function text(pattern = /^/): Check {
  return (value, path) => {
    if (typeof value !== 'string' || value.includes('\0') || Buffer.byteLength(value) > MAX_STRING) {
      throw new InvalidConfig(path, 'is not a string that the kernel takes');
    }
    if (!pattern.test(value)) throw new InvalidConfig(path, `is ${JSON.stringify(value)}`);
  };
}

function integer(least: number, most: number): Check {
  return (value, path) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
      throw new InvalidConfig(path, `is not a whole number from ${least} to ${most}`);
    }
  };
}

function oneOf(values: readonly string[]): Check {
  return (value, path) => {
    if (typeof value !== 'string' || !values.includes(value)) throw new InvalidConfig(path, `is not one of ${values.join(', ')}`);
  };
}

const flag: Check = (value, path) => {
  if (typeof value !== 'boolean') throw new InvalidConfig(path, 'is not true or false');
};

const absolutePath: Check = (value, path) => {
  text(/^\//)(value, path);
  if ((value as string).length >= 4096) throw new InvalidConfig(path, 'is longer than PATH_MAX');
};

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
