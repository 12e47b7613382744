import { CAPABILITIES } from '../abi/capabilities.ts';
import { isCapability } from '../security/capabilities.ts';
import { absolutePath, check, flag, integer, InvalidConfig, isObject, list, OBJECT, oneOf, text, type Check } from './check.ts';
import { checkResources } from './check-resources.ts';
import { checkCgroupMount } from './check-cgroup-mount.ts';
import { checkNamespaces } from './check-namespaces.ts';
import { NAMESPACE_TYPES, type OciConfig } from './config.ts';
import { RLIM_INFINITY, RLIMIT_NAMES } from '../abi/rlimit.ts';
import { checkProfile } from '../security/seccomp/check-profile.ts';

const MOUNT_TYPES = ['proc', 'sysfs', 'tmpfs', 'devpts', 'mqueue', 'cgroup', 'bind'];
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
        process: OBJECT(
          {
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
              ambient: capabilitySet,
            }),
            noNewPrivileges: flag,
          },
          {
            rlimits: list(OBJECT({ type: oneOf(RLIMIT_NAMES), soft: rlimit, hard: rlimit })),
            oomScoreAdj: integer(-1000, 1000),
            apparmorProfile: text(/^[!-~]{1,255}$/),
            selinuxLabel: text(/^[!-~]{1,255}$/),
          },
        ),
        mounts: list(OBJECT({ destination: mountDestination, type: oneOf(MOUNT_TYPES), source: text(), options: list(text()) })),
        linux: OBJECT(
          {
            namespaces: list(OBJECT({ type: oneOf(NAMESPACE_TYPES) }, { path: namespacePath })),
            cgroupsPath: text(/^[a-z0-9_-][a-z0-9_.-]*(?:\/[a-z0-9_-]+)+$/),
            resources: checkResources,
            maskedPaths: list(kernelPath),
            readonlyPaths: list(kernelPath),
          },
          {
            uidMappings: idMappings,
            gidMappings: idMappings,
            timeOffsets: OBJECT({}, { monotonic: timeOffset, boottime: timeOffset }),
            sysctl: sysctls,
            devices: list(device),
            seccomp: checkProfile,
          },
        ),
      },
      {
        hostname: text(/^.{1,64}$/),
        domainname: text(/^.{1,64}$/),
        annotations: (map, path) => check(map, path, isObject),
      },
    ),
  );
  const config = value as OciConfig;
  if (config.process.args.length === 0) throw new InvalidConfig('process.args', 'names no program');
  checkAmbient(config);
  checkNamespaces(config);
  checkMounts(config);
  return config;
}

/** The kernel lets a thread raise what is both permitted and inheritable (prctl(2), PR_CAP_AMBIENT_RAISE). */
function checkAmbient({ process }: OciConfig): void {
  const { ambient, permitted, inheritable } = process.capabilities;
  const missing = ambient.find((name) => !permitted.includes(name) || !inheritable.includes(name));
  if (missing === undefined) return;
  throw new InvalidConfig('process.capabilities.ambient', `names ${missing}, which is not both permitted and inheritable`);
}

/** A bind's source is a path of the host; what the kernel makes itself has none. */
function checkMounts({ mounts }: OciConfig): void {
  mounts.forEach((mount, i) => {
    const { type, source, options } = mount;
    const isMapped = options.some((option) => /^idmap(?:=|$)/.test(option));
    if (options.some((option) => option.startsWith('idmap=') && option !== 'idmap=auto')) {
      throw new InvalidConfig(`mounts.${i}.options`, 'has idmap with another value than auto');
    }
    if (type === 'bind') absolutePath(source, `mounts.${i}.source`);
    else if (isMapped) throw new InvalidConfig(`mounts.${i}.options`, 'has idmap, which is for a bind');
    if (type === 'cgroup') checkCgroupMount(mount, mounts.slice(i + 1), `mounts.${i}`);
  });
}

const rlimit: Check = (value, path) => {
  if (value !== RLIM_INFINITY) integer(0, Number.MAX_SAFE_INTEGER)(value, path);
};

/** Of a process, as /proc has them: nothing else is ever opened. */
const namespacePath = text(
  /^\/proc\/[1-9]\d{0,9}\/ns\/(?:pid|pid_for_children|mnt|uts|ipc|net|cgroup|user|time|time_for_children)$/,
);

const idMappings = list(OBJECT({ containerID: integer(0, U32 - 1), hostID: integer(1, U32 - 1), size: integer(1, U32 - 1) }));

/** KTIME_SEC_MAX / 2 is as far as the kernel lets a clock be put ahead (kernel/time/namespace.c). */
const MAX_OFFSET_S = 4_611_686_018;
const timeOffset = OBJECT({ secs: integer(-MAX_OFFSET_S, MAX_OFFSET_S), nanosecs: integer(0, 999_999_999) });

const device = OBJECT(
  { type: oneOf(['c', 'b']), path: devicePath, major: integer(0, 4095), minor: integer(0, 1_048_575) },
  { fileMode: integer(0, 0o777), uid: integer(0, U32 - 1), gid: integer(0, U32 - 1) },
);

function devicePath(value: unknown, path: string): void {
  text(/^\/dev(?:\/[a-zA-Z0-9_+:-][a-zA-Z0-9_.+:-]*)+$/)(value, path);
}

/** sysctl(8) takes a dot or a slash between the parts. Which of them a container may set is said by its namespaces. */
const sysctls: Check = (value, path) => {
  isObject(value, path);
  for (const [name, setting] of Object.entries(value)) {
    text(/^[a-z0-9_-]+(?:[./][a-zA-Z0-9_:-]+)+$/)(name, path);
    text(/^[^\n]{0,1024}$/)(setting, `${path}.${name}`);
  }
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
