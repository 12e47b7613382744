import type { ColumnName } from './samples.ts';

/** The columns that are kept for charts, in the order in which they are stored: new ones go to the end, none goes away. */
export const CHART_COLUMNS = [
  'cpuCores',
  'cpuUserCores',
  'cpuSystemCores',
  'cpuThrottledShare',
  'memoryWorkingSetBytes',
  'memoryUsageBytes',
  'memoryAnonBytes',
  'memoryFileBytes',
  'memoryKernelBytes',
  'memorySwapBytes',
  'memoryPeakBytes',
  'memoryLimitBytes',
  'ioReadBytesPerS',
  'ioWriteBytesPerS',
  'pids',
  'pidsLimit',
  'cpuPressure',
  'memoryPressure',
  'ioPressure',
  'netReceivedBytesPerS',
  'netSentBytesPerS',
  'diskUpperBytes',
] as const satisfies readonly ColumnName[];
export type ChartColumn = (typeof CHART_COLUMNS)[number];
