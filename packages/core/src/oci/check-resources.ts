import { check, flag, integer, list, OBJECT, oneOf, text, type Check } from './check.ts';
import type { LinuxResources } from './config.ts';

const BYTES = integer(-1, 2 ** 53 - 1);
const KERNEL_LIST = text(/^(?:\d{1,4}(?:-\d{1,4})?(?:,\d{1,4}(?:-\d{1,4})?)*)?$/);
const MAJOR = integer(0, 4095);
const MINOR = integer(0, 1_048_575);

const throttles = list(OBJECT({ major: MAJOR, minor: MINOR, rate: integer(0, 2 ** 53 - 1) }));

/** linux.resources (runtime-spec, config-linux.md, "Control groups"). */
export const checkResources: Check = OBJECT(
  {},
  {
    cpu: OBJECT(
      {},
      {
        shares: integer(2, 262_144),
        quota: integer(-1, 2 ** 44),
        period: integer(1000, 1_000_000),
        cpus: KERNEL_LIST,
        mems: KERNEL_LIST,
      },
    ),
    memory: OBJECT({}, { limit: BYTES, reservation: BYTES, swap: BYTES }),
    pids: OBJECT({ limit: integer(-1, 4_194_304) }),
    blockIO: OBJECT(
      {},
      {
        weight: integer(10, 1000),
        throttleReadBpsDevice: throttles,
        throttleWriteBpsDevice: throttles,
        throttleReadIOPSDevice: throttles,
        throttleWriteIOPSDevice: throttles,
      },
    ),
    devices: list(
      OBJECT({ allow: flag }, { type: oneOf(['a', 'b', 'c']), major: MAJOR, minor: MINOR, access: text(/^[rwm]{1,3}$/) }),
    ),
    unified: OBJECT({}, { 'io.weight': text(/^(?:[1-9]\d{0,3}|10000)$/) }),
  },
);

/** Checked resources, or InvalidConfig. */
export function validateResources(value: unknown): LinuxResources {
  check(value, 'linux.resources', checkResources);
  return value as LinuxResources;
}
