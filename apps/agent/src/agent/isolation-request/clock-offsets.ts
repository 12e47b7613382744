import { readFileSync } from 'node:fs';
import { PlimsollError, type IsolationRequest } from '@plimsoll/protocol';

/**
 * No clock begins before 0: the kernel refuses an offset that would take it there (kernel/time/namespace.c). Throws
 * `bad-request`.
 */
export function requireReachable({ monotonicS = 0, boottimeS = 0 }: IsolationRequest['timeOffsets']): void {
  const clocks = [
    ['monotonic', monotonicS, Number(process.hrtime.bigint() / 1_000_000_000n)],
    // proc_uptime(5): seconds with two decimals, of CLOCK_BOOTTIME.
    ['boottime', boottimeS, Math.floor(Number.parseFloat(readFileSync('/proc/uptime', 'utf8')))],
  ] as const;
  for (const [clock, offsetS, nowS] of clocks) {
    if (nowS + offsetS >= 0) continue;
    throw new PlimsollError('bad-request', `${-offsetS} s ago the host's ${clock} clock had not begun`, {
      field: `timeOffsets.${clock}S`,
      hint: `It is at ${nowS} s: put it behind by no more than that.`,
    });
  }
}
