/**
 * Samples on the wire: one binary block, columnar, little-endian, the same for a live frame (one time, many rows), a
 * container's history (many times, one row) and the table's (many times, many rows).
 *
 *   offset 0   u32  MAGIC
 *          4   u32  T: number of times
 *          8   u32  R: number of rows
 *         12   u32  columns present, bit i = COLUMNS[i]
 *         16   u32  the same of COLUMNS[32 + i]
 *         20   u32  0
 *         24   f64  [T]     wall-clock milliseconds of each reading
 *              8-byte columns in the order of COLUMNS, each [R][T] row by row
 *              u32  [R]     handles of the rows
 *              4-byte columns in the order of COLUMNS, each [R][T]
 *
 * NaN (f32, f64) and GAP (u64) mean 'no reading': the container was not there, or the host has no such counter.
 * Rates are divided by the real time between two readings. Columns marked (d) are read at every tick of a row that
 * somebody watches alone, and every ten seconds otherwise: until then they stay as they were.
 *
 * Files are named as cgroup v2 has them, and after a slash as v1 has them where they are called otherwise there.
 */
export const COLUMNS = [
  /** Cumulative cpu time in ns, exact (v2: to 1000). cpu.stat usage_usec / cpuacct.usage. */
  { name: 'cpuUsageNs', type: 'u64' },
  /** Cpus used: cpu seconds per second, of cpuUsageNs. */
  { name: 'cpuCores', type: 'f32' },
  /** User and system by the kernel's tick: estimates that do not sum to cpuCores. cpu.stat user_usec, system_usec; (d) on v1. */
  { name: 'cpuUserCores', type: 'f32' },
  { name: 'cpuSystemCores', type: 'f32' },
  /** Part of the time, 0 to 1, in which the cpu limit held it back: cpu.stat nr_throttled over nr_periods; (d) on v1. */
  { name: 'cpuThrottledShare', type: 'f32' },
  /** Seconds per second for which its threads were held back by the limit, summed over cpus: cpu.stat throttled_usec / throttled_time; (d) on v1. */
  { name: 'cpuThrottledCores', type: 'f32' },
  /** usage - inactive file, floored at 0: what docker stats and Kubernetes show. */
  { name: 'memoryWorkingSetBytes', type: 'f64' },
  /** memory.current / memory.usage_in_bytes: page cache too. */
  { name: 'memoryUsageBytes', type: 'f64' },
  /** Of memory.stat: anon / total_rss, file / total_cache, inactive_file / total_inactive_file. */
  { name: 'memoryAnonBytes', type: 'f64' },
  { name: 'memoryFileBytes', type: 'f64' },
  { name: 'memoryInactiveFileBytes', type: 'f64' },
  /** memory.stat kernel (Linux >= 5.18) / memory.kmem.usage_in_bytes (d). */
  { name: 'memoryKernelBytes', type: 'f64' },
  /** memory.swap.current (d) / memory.stat total_swap. */
  { name: 'memorySwapBytes', type: 'f64' },
  /** (d) The limit that the kernel enforces on this cgroup itself: memory.max / memory.limit_in_bytes. NaN: none. */
  { name: 'memoryLimitBytes', type: 'f64' },
  /** (d) The most that was ever used at once: memory.peak (Linux >= 5.19) / memory.max_usage_in_bytes. */
  { name: 'memoryPeakBytes', type: 'f64' },
  /** Page faults that waited for a disk: memory.stat pgmajfault / total_pgmajfault. */
  { name: 'majorFaultsPerS', type: 'f32' },
  /** (d) Processes that the OOM killer has ended since it was made: memory.events oom_kill / memory.oom_control, which leaves out what is below it. */
  { name: 'oomKills', type: 'f32' },
  /**
   * Bytes per second, operations per second, discards apart, all disks: io.stat / blkio.throttle.io_service_bytes_recursive
   * and io_serviced_recursive, which are partial: direct and synchronous io only.
   */
  { name: 'ioReadBytesPerS', type: 'f32' },
  { name: 'ioWriteBytesPerS', type: 'f32' },
  { name: 'ioReadOpsPerS', type: 'f32' },
  { name: 'ioWriteOpsPerS', type: 'f32' },
  { name: 'ioDiscardBytesPerS', type: 'f32' },
  /** Processes and threads: pids.current. */
  { name: 'pids', type: 'f32' },
  /** (d) pids.max. NaN: none. */
  { name: 'pidsLimit', type: 'f32' },
  /** (d) Forks refused at the limit since it was made: pids.events max; without those below it on v1 and before Linux 6.11. */
  { name: 'pidsRefused', type: 'f32' },
  /** (d) Pressure: part of the time, 0 to 1, in which some, or all, of its processes waited for the resource. `total` of cpu.pressure and its like, in the v2 tree. */
  { name: 'cpuPressure', type: 'f32' },
  { name: 'cpuFullPressure', type: 'f32' },
  { name: 'memoryPressure', type: 'f32' },
  { name: 'memoryFullPressure', type: 'f32' },
  { name: 'ioPressure', type: 'f32' },
  { name: 'ioFullPressure', type: 'f32' },
  /** (d) Its own network namespace, loopback left out; containers only: /proc/<pid>/net/dev. */
  { name: 'netReceivedBytesPerS', type: 'f32' },
  { name: 'netSentBytesPerS', type: 'f32' },
  { name: 'netReceivedPacketsPerS', type: 'f32' },
  { name: 'netSentPacketsPerS', type: 'f32' },
  { name: 'netReceiveErrorsPerS', type: 'f32' },
  { name: 'netSendErrorsPerS', type: 'f32' },
  { name: 'netReceiveDropsPerS', type: 'f32' },
  { name: 'netSendDropsPerS', type: 'f32' },
  /**
   * Bytes on disk in its upper layer; containers only. By its project's quota, which is the file system's own count, at most 2 s old;
   * elsewhere st_blocks, a file with several links once, walked each half minute or so.
   */
  { name: 'diskUpperBytes', type: 'f64' },
] as const satisfies readonly { name: string; type: 'u64' | 'f64' | 'f32' }[];

export type ColumnName = (typeof COLUMNS)[number]['name'];
type ColumnType = { [C in (typeof COLUMNS)[number] as C['name']]: C['type'] };
type ArrayOf = { u64: BigUint64Array<ArrayBuffer>; f64: Float64Array<ArrayBuffer>; f32: Float32Array<ArrayBuffer> };
export type ColumnData<N extends ColumnName> = ArrayOf[ColumnType[N]];

export const TABLE_COLUMNS = [
  'cpuUsageNs',
  'cpuCores',
  'memoryWorkingSetBytes',
  'ioReadBytesPerS',
  'ioWriteBytesPerS',
  'pids',
  'diskUpperBytes',
] as const satisfies readonly ColumnName[];
export const CONTAINER_COLUMNS: readonly ColumnName[] = COLUMNS.map((column) => column.name);

export const GAP = 0xffff_ffff_ffff_ffffn;

const MAGIC = 0x324d_4c50; // 'PLM2'
const HEADER_BYTES = 24;
const HEADER_WORDS = HEADER_BYTES / 4;
const MAX_CELLS = 4_000_000;

/** Times, rows, and the columns that are present: value of row r at time t is column[r * times.length + t]. */
export interface Samples {
  times: Float64Array<ArrayBuffer>;
  handles: Uint32Array<ArrayBuffer>;
  columns: { [N in ColumnName]?: ColumnData<N> };
}

const MAKE = {
  u64: (buffer: ArrayBuffer, offset: number, n: number) => new BigUint64Array(buffer, offset, n),
  f64: (buffer: ArrayBuffer, offset: number, n: number) => new Float64Array(buffer, offset, n),
  f32: (buffer: ArrayBuffer, offset: number, n: number) => new Float32Array(buffer, offset, n),
};

/** A block of this shape with zeroed cells, every array a view of `bytes`: fill the arrays, send the bytes. */
export function allocateSamples(
  times: number,
  rows: number,
  names: readonly ColumnName[],
): Samples & { bytes: Uint8Array<ArrayBuffer> } {
  const present = COLUMNS.filter((column) => names.includes(column.name));
  const cells = times * rows;
  const size = present.reduce((sum, { type }) => sum + cells * (type === 'f32' ? 4 : 8), HEADER_BYTES + times * 8 + rows * 4);
  const bytes = new Uint8Array(size);
  const [low, high] = mask(names);
  new Uint32Array(bytes.buffer, 0, HEADER_WORDS).set([MAGIC, times, rows, low, high, 0]);
  return { bytes, ...layOut(bytes.buffer, times, rows, low, high) };
}

/** Views of a received block. Throws a RangeError for anything that is not one, without reading past its end. */
export function decodeSamples(received: Uint8Array): Samples {
  // A copy puts it at offset 0 of a buffer of its own: typed arrays need their alignment. Not slice(): a Buffer's is a view.
  const bytes = new Uint8Array(received);
  if (bytes.byteLength < HEADER_BYTES) throw new RangeError('samples: shorter than a header');
  const [magic, times = 0, rows = 0, low = 0, high = 0] = new Uint32Array(bytes.buffer, 0, HEADER_WORDS);
  if (magic !== MAGIC) throw new RangeError('samples: not a samples block');
  if (times * rows > MAX_CELLS || high >>> (COLUMNS.length - 32) !== 0) {
    throw new RangeError('samples: a header that no agent writes');
  }
  return layOut(bytes.buffer, times, rows, low, high);
}

/** The two words of bits that say which columns are there. */
function mask(names: readonly ColumnName[]): [number, number] {
  const words: [number, number] = [0, 0];
  COLUMNS.forEach(({ name }, i) => {
    if (names.includes(name)) words[i < 32 ? 0 : 1] |= 1 << (i % 32);
  });
  return words;
}

function layOut(buffer: ArrayBuffer, times: number, rows: number, low: number, high: number): Samples {
  const cells = times * rows;
  let offset = HEADER_BYTES;
  const take = <T extends keyof ArrayOf>(type: T, n: number): ArrayOf[T] => {
    const array = MAKE[type](buffer, offset, n) as ArrayOf[T];
    offset += array.byteLength;
    return array;
  };
  const timesArray = take('f64', times);
  const columns: Partial<Record<ColumnName, ArrayOf[keyof ArrayOf]>> = {};
  const has = (i: number) => ((i < 32 ? low : high) & (1 << (i % 32))) !== 0;
  COLUMNS.forEach(({ name, type }, i) => {
    if (has(i) && type !== 'f32') columns[name] = take(type, cells);
  });
  const handles = new Uint32Array(buffer, offset, rows);
  offset += handles.byteLength;
  COLUMNS.forEach(({ name, type }, i) => {
    if (has(i) && type === 'f32') columns[name] = take(type, cells);
  });
  return { times: timesArray, handles, columns: columns as Samples['columns'] };
}
