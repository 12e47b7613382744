/** A number together with how a person would write it, so that a program decodes to text that reads like C. */
export interface Named {
  readonly value: number;
  readonly text: string;
}

/** `or(MS, 'MS_BIND', 'MS_REC')` is 0x5000, written `MS_BIND|MS_REC`. */
export function or<T extends Record<string, number>>(table: T, ...names: readonly (keyof T & string)[]): Named {
  // Not `|`: CLONE_INTO_CGROUP and its like lie above 32 bits, where it would wrap. Every name is one bit of its own.
  const value = names.reduce((sum, name) => sum + (table[name] ?? 0), 0);
  return { value, text: names.length === 0 ? '0' : names.join('|') };
}

/** A file mode, written as people write them: `0755`. */
export function mode(value: number): Named {
  return { value, text: `0${value.toString(8)}` };
}
