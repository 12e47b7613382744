import type { Context, Output } from '../context.ts';

/**
 * Text that came from a container, an image or a label, made safe to show: control characters (C0, DEL, C1) and those
 * that reorder text (Unicode bidi controls, CVE-2021-42574) become visible escapes. Tabs stay.
 */
export function safe(text: string): string {
  return text.replace(/[^\P{Cc}\t]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });
}

/** Writes, and waits while the stream is full. Into a pipe that nobody reads any more it writes nothing. */
export async function write(stream: Output, text: string | Uint8Array): Promise<void> {
  if (text.length === 0 || stream.errored !== null || stream.write(text)) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.once('drain', resolve).once('error', resolve);
  await promise;
  stream.off('drain', resolve).off('error', resolve);
}

export function printJson({ stdout }: Context, value: unknown): void {
  stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

export function print({ stdout }: Context, line: string): void {
  stdout.write(`${line}\n`);
}

/** `name: value` lines, aligned. */
export function sheet(entries: readonly (readonly [string, string])[]): string {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${name.padEnd(width)}   ${safe(value)}`.trimEnd()).join('\n');
}
