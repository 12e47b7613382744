import type { AlertMetric } from '@plimsoll/protocol';
import type { Figures } from '../sampling/figures.ts';

/** In the metric's unit. NaN: there is no such figure now. */
export function figureOf(metric: AlertMetric, figures: Figures): number {
  switch (metric) {
    case 'cpu':
      return figures.cpuCores;
    case 'cpu-throttled':
      return figures.cpuThrottledShare;
    case 'memory':
      return figures.memoryWorkingSetBytes;
    case 'memory-share':
      return figures.memoryWorkingSetBytes / figures.memoryLimitBytes;
    case 'pids':
      return figures.pids;
    case 'cpu-pressure':
      return figures.cpuPressure;
    case 'memory-pressure':
      return figures.memoryPressure;
    case 'io-pressure':
      return figures.ioPressure;
  }
}
