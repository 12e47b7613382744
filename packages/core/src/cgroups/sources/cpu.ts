import { FlatFile } from '../flat-file.ts';
import type { CgroupLayout } from '../layout.ts';
import { bigintAt, isDigit, numberAt } from '../text.ts';
import { controllerFile, fileBelow, found, SMALL, unifiedFile, value, type Source } from './source.ts';

const NS_PER_US = 1000;
const STAT_BYTES = 1024;

const usage = new FlatFile(['usage_usec']);
const statV2 = new FlatFile(['usage_usec', 'user_usec', 'system_usec', 'nr_periods', 'nr_throttled', 'throttled_usec']);
const split = new FlatFile(['user_usec', 'system_usec']);
const throttlingV1 = new FlatFile(['nr_periods', 'nr_throttled', 'throttled_time']);

/** The counter of cpu time: cpuacct.usage, or the v2 tree's cpu.stat, which has it even where it has no controllers. */
export function cpuUsage(layout: CgroupLayout): Source[] {
  const { unified } = layout;
  const cpuacct = layout.controllers.get('cpuacct')?.mount;
  if (cpuacct === undefined) return unifiedFile(layout, 'cpu.stat', STAT_BYTES, takeStatV2);
  const exact: Source = {
    pathOf: fileBelow(cpuacct, 'cpuacct.usage'),
    bytes: STAT_BYTES,
    take: (bytes, start, end, reading) => {
      if (isDigit(bytes[start])) {
        reading.cpuUsageNs = bigintAt(bytes, start);
      } else {
        usage.read(bytes, start, end, found);
        reading.cpuUsageNs = BigInt(value(0) * NS_PER_US);
      }
    },
  };
  return [unified === null ? exact : { ...exact, otherOf: fileBelow(unified, 'cpu.stat') }];
}

const takeStatV2: Source['take'] = (bytes, start, end, reading) => {
  statV2.read(bytes, start, end, found);
  // Up to 285 cpu-years a Number holds microseconds exactly; nanoseconds only up to 104 days.
  reading.cpuUsageNs = BigInt(value(0)) * BigInt(NS_PER_US);
  reading.cpuStatAtNs = reading.atNs;
  reading.cpuUserNs = value(1) * NS_PER_US;
  reading.cpuSystemNs = value(2) * NS_PER_US;
  reading.cpuPeriods = value(3);
  reading.cpuThrottledPeriods = value(4);
  reading.cpuThrottledNs = value(5) * NS_PER_US;
};

/** User and system time, where the usage does not bring them along. */
export function cpuSplit(layout: CgroupLayout): Source[] {
  if (!layout.controllers.has('cpuacct')) return [];
  if (layout.unified === null) {
    return [
      ...controllerFile(layout, 'cpuacct', 'cpuacct.usage_user', SMALL, (bytes, start, _end, reading) => {
        reading.cpuStatAtNs = reading.detailAtNs;
        reading.cpuUserNs = numberAt(bytes, start);
      }),
      ...controllerFile(layout, 'cpuacct', 'cpuacct.usage_sys', SMALL, (bytes, start, _end, reading) => {
        reading.cpuSystemNs = numberAt(bytes, start);
      }),
    ];
  }
  return unifiedFile(layout, 'cpu.stat', STAT_BYTES, (bytes, start, end, reading) => {
    split.read(bytes, start, end, found);
    reading.cpuStatAtNs = reading.detailAtNs;
    reading.cpuUserNs = value(0) * NS_PER_US;
    reading.cpuSystemNs = value(1) * NS_PER_US;
  });
}

/** v1's cpu controller has a cpu.stat of its own. */
export function cpuThrottling(layout: CgroupLayout): Source[] {
  if (layout.controllers.get('cpu')?.version !== 1) return [];
  return controllerFile(layout, 'cpu', 'cpu.stat', SMALL, (bytes, start, end, reading) => {
    throttlingV1.read(bytes, start, end, found);
    reading.cpuStatAtNs = reading.detailAtNs;
    reading.cpuPeriods = value(0);
    reading.cpuThrottledPeriods = value(1);
    reading.cpuThrottledNs = value(2);
  });
}
