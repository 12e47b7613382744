import { ERRNO } from '../../abi/errno.ts';
import { InvalidConfig } from '../../oci/check.ts';
import { checkProfile } from './check-profile.ts';
import type { LinuxSyscall, ProfileRule, RuleFilter, SeccompArgument, SeccompProfile, SeccompValue } from './profile.ts';

const PATH = 'linux.seccomp';

/** A profile's text, as a file has it. Whole numbers beyond a double's digits are read as bigints. */
export function readProfileText(text: string, path = PATH): SeccompProfile {
  let value: unknown;
  try {
    value = JSON.parse(text, exactly);
  } catch (error) {
    throw new InvalidConfig(path, `is not JSON: ${(error as Error).message}`);
  }
  return readProfile(value, path);
}

/** A value from JSON, checked and put into the one form that profiles of the same meaning share. Throws InvalidConfig. */
export function readProfile(value: unknown, path = PATH): SeccompProfile {
  checkProfile(value, path);
  const raw = value as RawProfile;
  return {
    defaultAction: raw.defaultAction,
    ...errnoOf(raw.defaultErrnoRet, raw.defaultErrno, 'defaultErrnoRet'),
    ...(raw.architectures && { architectures: [...raw.architectures] }),
    ...(raw.archMap && {
      archMap: raw.archMap.map(({ architecture, subArchitectures }) => ({
        architecture,
        subArchitectures: [...(subArchitectures ?? [])],
      })),
    }),
    ...(raw.flags && { flags: [...raw.flags] }),
    syscalls: (raw.syscalls ?? []).map(ruleOf),
  };
}

/** What checkProfile lets pass. */
type Loose<T> = { [K in keyof T]?: T[K] | null };
type RawRule = Loose<ProfileRule> & Pick<ProfileRule, 'action'> & { name?: string; errno?: string };
type RawProfile = Omit<Loose<SeccompProfile>, 'syscalls'> &
  Pick<SeccompProfile, 'defaultAction'> & { defaultErrno?: string; syscalls?: RawRule[] | null };

function ruleOf(raw: RawRule): ProfileRule {
  const includes = filterOf(raw.includes);
  const excludes = filterOf(raw.excludes);
  return {
    names: raw.name ? [raw.name] : [...(raw.names ?? [])],
    action: raw.action,
    ...errnoOf(raw.errnoRet, raw.errno, 'errnoRet'),
    ...(raw.args && raw.args.length > 0 && { args: raw.args.map(argumentOf) }),
    ...(includes && { includes }),
    ...(excludes && { excludes }),
  };
}

function argumentOf({ index, value, valueTwo, op }: SeccompArgument): SeccompArgument {
  return { index, value: shortest(value), ...(op === 'SCMP_CMP_MASKED_EQ' && { valueTwo: shortest(valueTwo ?? 0) }), op };
}

function shortest(value: SeccompValue): SeccompValue {
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

function filterOf(raw: Loose<RuleFilter> | null | undefined): RuleFilter | undefined {
  const filter: RuleFilter = {
    ...(raw?.caps && raw.caps.length > 0 && { caps: [...raw.caps] }),
    ...(raw?.arches && raw.arches.length > 0 && { arches: [...raw.arches] }),
    ...(raw?.minKernel && { minKernel: raw.minKernel }),
  };
  return Object.keys(filter).length > 0 ? filter : undefined;
}

function errnoOf<K extends 'errnoRet' | 'defaultErrnoRet'>(
  number: number | null | undefined,
  name: string | null | undefined,
  key: K,
): Partial<Record<K, NonNullable<LinuxSyscall['errnoRet']>>> {
  const errno = number ?? (name ? ERRNO[name as keyof typeof ERRNO] : undefined);
  return errno === undefined ? {} : ({ [key]: errno } as Partial<Record<K, number>>);
}

/** JSON.parse's reviver is given the source text of a number (ECMAScript proposal, in V8 since 11.4). */
function exactly(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  return typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && /^\d+$/.test(source)
    ? BigInt(source)
    : value;
}
