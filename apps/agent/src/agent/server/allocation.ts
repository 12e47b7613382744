import { PlimsollError, type CommandInput, type Usage, type UsageReport, type UsageStep } from '@plimsoll/protocol';
import { parseDuration } from '@plimsoll/protocol/quantities';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const KNOWN = ['window', 'aggregate', 'step', 'includeIdle', 'accumulate', 'container', 'group', 'image', 'label'];

/** Of one key in one window: OpenCost's names and units (https://opencost.io/docs/integrations/api), and the exact figures. */
interface Allocation {
  name: string;
  properties: Record<string, string>;
  window: { start: string; end: string };
  start: string;
  end: string;
  /** That containers ran, added up. */
  minutes: number;
  cpuCoreHours: number;
  cpuCoreUsageAverage: number;
  cpuCoreRequestAverage: number;
  ramByteHours: number;
  ramByteUsageAverage: number;
  ramByteRequestAverage: number;
  networkReceiveBytes: number;
  networkTransferBytes: number;
  /** Null: of what nobody used. */
  exact: Usage | null;
}

export interface AllocationQuery {
  query: CommandInput<'usage.query'>;
  includeIdle: boolean;
}

/** `?window=7d&aggregate=group&step=1d&includeIdle=true`. Throws `bad-request` for what it does not know. */
export function parseAllocationQuery(parameters: URLSearchParams, nowMs = Date.now()): AllocationQuery {
  for (const name of parameters.keys()) {
    if (KNOWN.includes(name)) continue;
    throw new PlimsollError('bad-request', `there is no parameter "${name}"`, { hint: `There are: ${KNOWN.join(', ')}.` });
  }
  const { fromMs, toMs } = parseWindow(parameters.get('window') ?? '1d', nowMs);
  const step = parameters.get('step');
  const label = parameters.get('label');
  const isWhole = flag(parameters, 'accumulate');
  const names = ['container', 'group', 'image'] as const;
  return {
    query: {
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      aggregate: parameters.get('aggregate') ?? 'container',
      ...(step !== null && !isWhole && { stepMs: parseSpan(step, 'step') }),
      ...Object.fromEntries(names.flatMap((name) => (parameters.has(name) ? [[name, parameters.get(name)]] : []))),
      ...(label !== null && { label: parseLabel(label) }),
    },
    includeIdle: flag(parameters, 'includeIdle'),
  };
}

/** One object for each step, with an allocation for each key; what nobody used is `__idle__`, never spread over the others. */
export function toAllocations(
  { hostId, steps }: UsageReport,
  { query, includeIdle }: AllocationQuery,
): Record<string, Allocation>[] {
  const kind = String(query.aggregate);
  const host = hostId === undefined ? {} : { host: hostId };
  return steps.map((step) => {
    const all = step.rows.map(({ key, name, usage }): [string, Allocation] => [
      key || '__unallocated__',
      allocation(name ?? (key || '__unallocated__'), { [kind]: key, ...(name !== null && { name }), ...host }, step, usage),
    ]);
    if (includeIdle && step.idleCpuNs !== null) all.push(['__idle__', idle(step, step.idleCpuNs)]);
    return Object.fromEntries(all);
  });
}

function allocation(name: string, properties: Record<string, string>, { from, to }: UsageStep, usage: Usage): Allocation {
  const windowMs = Date.parse(to) - Date.parse(from);
  return {
    ...{ name, properties, window: { start: from, end: to }, start: from, end: to },
    minutes: Number(usage.elapsedMs) / 60_000,
    cpuCoreHours: Number(usage.cpuNs) / 1e6 / HOUR_MS,
    cpuCoreUsageAverage: Number(usage.cpuNs) / 1e6 / windowMs,
    cpuCoreRequestAverage: Number(usage.cpuReservedNs) / 1e6 / windowMs,
    ramByteHours: Number(usage.memoryByteMs) / HOUR_MS,
    ramByteUsageAverage: Number(usage.memoryByteMs) / windowMs,
    ramByteRequestAverage: Number(usage.memoryReservedByteMs) / windowMs,
    networkReceiveBytes: Number(usage.netReceivedBytes ?? 0),
    networkTransferBytes: Number(usage.netSentBytes ?? 0),
    exact: usage,
  };
}

function idle({ from, to }: UsageStep, cpuNs: string): Allocation {
  return {
    ...{ name: '__idle__', properties: {}, window: { start: from, end: to }, start: from, end: to, minutes: 0 },
    cpuCoreHours: Number(cpuNs) / 1e6 / HOUR_MS,
    cpuCoreUsageAverage: Number(cpuNs) / 1e6 / (Date.parse(to) - Date.parse(from)),
    ...{ cpuCoreRequestAverage: 0, ramByteHours: 0, ramByteUsageAverage: 0, ramByteRequestAverage: 0 },
    ...{ networkReceiveBytes: 0, networkTransferBytes: 0, exact: null },
  };
}

/** `24h`, `7d`; `today`, `yesterday`, `week`, `month`, in UTC; or two instants, or two Unix times, with a comma. */
function parseWindow(text: string, nowMs: number): { fromMs: number; toMs: number } {
  const midnight = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const date = new Date(nowMs);
  // Weeks begin on Sunday, as OpenCost's do.
  const named: Record<string, { fromMs: number; toMs: number }> = {
    today: { fromMs: midnight, toMs: nowMs },
    yesterday: { fromMs: midnight - DAY_MS, toMs: midnight },
    week: { fromMs: midnight - date.getUTCDay() * DAY_MS, toMs: nowMs },
    month: { fromMs: Date.UTC(date.getUTCFullYear(), date.getUTCMonth()), toMs: nowMs },
  };
  const one = Object.hasOwn(named, text) ? named[text] : undefined;
  if (one !== undefined) return one;
  const [first, second, more] = text.split(',');
  if (second === undefined) return { fromMs: nowMs - parseSpan(text, 'window'), toMs: nowMs };
  const instants = [first, second].map((part) => (/^\d{1,12}$/.test(part ?? '') ? Number(part) * 1000 : Date.parse(part ?? '')));
  const [fromMs = Number.NaN, toMs = Number.NaN] = instants;
  // Beyond these a Date has no ISO form.
  if (more !== undefined || !(Math.abs(fromMs) < 8.64e15) || !(Math.abs(toMs) < 8.64e15)) throw unclear('window', text);
  return { fromMs, toMs };
}

function parseSpan(text: string, name: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw unclear(name, text);
  return ms;
}

function parseLabel(text: string): { key: string; value?: string } {
  const at = text.indexOf('=');
  return at < 0 ? { key: text } : { key: text.slice(0, at), value: text.slice(at + 1) };
}

function flag(parameters: URLSearchParams, name: string): boolean {
  const text = parameters.get(name) ?? 'false';
  if (text !== 'true' && text !== 'false') throw unclear(name, text);
  return text === 'true';
}

function unclear(name: string, text: string): PlimsollError {
  return new PlimsollError('bad-request', `${name} "${text.slice(0, 80)}" is not clear`, {
    hint: 'Give a window such as 24h, 7d, today or 2026-01-01T00:00:00Z,2026-02-01T00:00:00Z; a step such as 1h; true or false.',
  });
}
