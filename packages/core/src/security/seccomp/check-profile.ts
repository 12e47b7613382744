import { MAX_ERRNO, MAX_TRACE_DATA, SECCOMP_FILTER_FLAG } from '../../abi/seccomp.ts';
import { ERRNO } from '../../abi/errno.ts';
import { check, integer, InvalidConfig, isObject, list, OBJECT, oneOf, text, type Check } from '../../oci/check.ts';
import { isCapability } from '../capabilities.ts';
import { SECCOMP_ACTIONS, SECCOMP_OPERATORS } from './profile.ts';

const MAX_U64 = 2n ** 64n - 1n;

/** runtime-spec v1.3. */
const ARCHITECTURES =
  'X86 X86_64 X32 ARM AARCH64 LOONGARCH64 M68K MIPS MIPS64 MIPS64N32 MIPSEL MIPSEL64 MIPSEL64N32 PARISC PARISC64 PPC PPC64 PPC64LE RISCV64 S390 S390X SH SHEB'
    .split(' ')
    .map((name) => `SCMP_ARCH_${name}`);

/** Go writes an empty list or struct that is not there as null. */
const orNull =
  (one: Check): Check =>
  (value, path) =>
    value === null ? undefined : one(value, path);

const action: Check = (value, path) => {
  if (value === 'SCMP_ACT_NOTIFY') throw new InvalidConfig(path, 'is SCMP_ACT_NOTIFY, which needs a listener: not supported');
  oneOf(SECCOMP_ACTIONS)(value, path);
};

const u64: Check = (value, path) => {
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    throw new InvalidConfig(path, 'is a number above 2^53 - 1, which has lost digits in reading');
  }
  const whole = typeof value === 'bigint' || Number.isInteger(value) ? BigInt(value as number | bigint) : -1n;
  if (whole < 0n || whole > MAX_U64) throw new InvalidConfig(path, 'is not a whole number from 0 to 2^64 - 1');
};

const capabilities = list((value, path) => {
  text()(value, path);
  if (!isCapability(value as string)) throw new InvalidConfig(path, `is ${JSON.stringify(value)}, which is not a capability`);
});

const architecture = oneOf(ARCHITECTURES);
const errnoName = oneOf(Object.keys(ERRNO));
const errnoNumber = integer(0, MAX_TRACE_DATA);

const ruleFilter = OBJECT(
  {},
  {
    caps: orNull(capabilities),
    arches: orNull(list(text(/^[a-z0-9]+$/))),
    // What has no condition may be written as the empty string.
    minKernel: orNull(text(/^(?:\d{1,3}\.\d{1,3})?$/)),
  },
);

/** `maybe`: how a field that may be left out can be left out. */
function shapes(maybe: (one: Check) => Check) {
  const argument = OBJECT({ index: integer(0, 5), value: u64, op: oneOf(SECCOMP_OPERATORS) }, { valueTwo: maybe(u64) });
  return {
    head: {
      defaultErrnoRet: maybe(errnoNumber),
      architectures: maybe(list(architecture)),
      flags: maybe(list(oneOf(Object.keys(SECCOMP_FILTER_FLAG)))),
    },
    names: list(text(/^\w+$/)),
    rule: { errnoRet: maybe(errnoNumber), args: maybe(list(argument)) },
  };
}

const flat = shapes((one) => one);
const flatShape = OBJECT({ defaultAction: action, syscalls: list(OBJECT({ names: flat.names, action }, flat.rule)) }, flat.head);

const loose = shapes(orNull);
const looseShape = OBJECT(
  { defaultAction: action },
  {
    ...loose.head,
    defaultErrno: orNull(errnoName),
    archMap: orNull(list(OBJECT({ architecture }, { subArchitectures: orNull(list(architecture)) }))),
    syscalls: orNull(
      list(
        OBJECT(
          { action },
          {
            ...loose.rule,
            names: orNull(loose.names),
            // One name, as older profiles have it.
            name: text(/^\w*$/),
            // The number's name, as containers/common writes it beside.
            errno: text(),
            comment: text(),
            includes: orNull(ruleFilter),
            excludes: orNull(ruleFilter),
          },
        ),
      ),
    ),
  },
);

/** The runtime-spec's `linux.seccomp`, in which nothing depends on the host. */
export const checkFlatProfile: Check = (value, path) => check(value, path, flatShape, coherent);

/** A profile as Docker's files have it, or the runtime-spec's form. */
export const checkProfile: Check = (value, path) => check(value, path, looseShape, coherent);

/** What the shape alone does not tell. The fields are as the shape has them. */
const coherent: Check = (value, path) => {
  isObject(value, path);
  const { architectures, archMap } = value;
  if (architectures && archMap) throw new InvalidConfig(`${path}.archMap`, 'and architectures exclude each other');
  checkErrno(value, path, { action: 'defaultAction', number: 'defaultErrnoRet', name: 'defaultErrno' });
  for (const [i, rule] of ((value['syscalls'] ?? []) as Record<string, unknown>[]).entries()) {
    const at = `${path}.syscalls.${i}`;
    const names = (rule['names'] ?? []) as string[];
    const alone = (rule['name'] ?? '') as string;
    if (alone !== '' && names.length > 0) throw new InvalidConfig(`${at}.name`, 'and names exclude each other');
    if (alone === '' && names.length === 0) throw new InvalidConfig(`${at}.names`, 'names no syscall');
    checkErrno(rule, at, { action: 'action', number: 'errnoRet', name: 'errno' });
  }
};

/** An errno where the action takes one, within what the kernel passes on, and its name, if both are there, of the same. */
function checkErrno(value: Record<string, unknown>, path: string, keys: { action: string; number: string; name: string }): void {
  const kind = value[keys.action] as string;
  const number = value[keys.number] as number | null | undefined;
  const name = (value[keys.name] ?? '') as string;
  if (name !== '') errnoName(name, `${path}.${keys.name}`);
  if (typeof number === 'number' || name !== '') {
    const key = `${path}.${typeof number === 'number' ? keys.number : keys.name}`;
    if (kind !== 'SCMP_ACT_ERRNO' && kind !== 'SCMP_ACT_TRACE') throw new InvalidConfig(key, `has no meaning for ${kind}`);
    if (kind === 'SCMP_ACT_ERRNO') integer(0, MAX_ERRNO)(number ?? 0, key);
  }
  if (typeof number === 'number' && name !== '' && ERRNO[name as keyof typeof ERRNO] !== number) {
    throw new InvalidConfig(`${path}.${keys.name}`, `is ${name}, and ${keys.number} is ${number}`);
  }
}
