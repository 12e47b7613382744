/** The kernel's list format, `0-3,6` (cpuset(7), "List format"), as a set of numbers. */
export function parseKernelList(text: string): Set<number> {
  const numbers = new Set<number>();
  for (const range of text.trim().split(',')) {
    if (range === '') continue;
    const [first = Number.NaN, last = first] = range.split('-').map(Number);
    for (let number = first; number <= last; number++) numbers.add(number);
  }
  return numbers;
}

/** As the kernel writes it: ascending, neighbours as ranges. */
export function formatKernelList(numbers: ReadonlySet<number>): string {
  const ranges: [number, number][] = [];
  for (const number of [...numbers].toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

export function sameKernelList(a: string, b: string): boolean {
  return formatKernelList(parseKernelList(a)) === formatKernelList(parseKernelList(b));
}
