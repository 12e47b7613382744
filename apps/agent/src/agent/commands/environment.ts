/** `A=1` strings as they stand in an image, with a person's own on top; each name once, in the order of first mention. */
export function mergeEnvironment(image: readonly string[], own: Readonly<Record<string, string>>): string[] {
  const merged = new Map(image.map((entry) => [entry.split('=', 1)[0] ?? '', entry]));
  for (const [name, value] of Object.entries(own)) merged.set(name, `${name}=${value}`);
  return [...merged.values()];
}
