const NS_PER_US = 1000n;
const NS_DIGITS = 9;

/** Digits of a count; null for NaN, which the host does not count. */
export function count(value: number): string | null {
  return Number.isNaN(value) ? null : String(value);
}

/** Nanoseconds as seconds, exact: 1500000001n is `1.500000001`, which no float in between could round. */
export function secondsOfNs(ns: bigint): string {
  const digits = ns.toString().padStart(NS_DIGITS + 1, '0');
  const fraction = digits.slice(-NS_DIGITS).replace(/0+$/, '');
  const seconds = digits.slice(0, -NS_DIGITS);
  return fraction === '' ? seconds : `${seconds}.${fraction}`;
}

/** The same of a reading's Number. */
export function secondsOfNsCount(ns: number): string | null {
  return Number.isNaN(ns) ? null : secondsOfNs(BigInt(Math.round(ns)));
}

export function secondsOfUs(us: number): string | null {
  return Number.isNaN(us) ? null : secondsOfNs(BigInt(us) * NS_PER_US);
}

/** Unix time. */
export function secondsOfMs(ms: number): string {
  return String(ms / 1000);
}
