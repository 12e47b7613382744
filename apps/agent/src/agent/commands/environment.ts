type Variables = Readonly<Record<string, string | undefined>>;

/**
 * `NAME=value` strings: those that every container has, over them an image's, and over those a person's own, also where the value is
 * empty. Each name once, in the order of first mention.
 */
export function mergeEnvironment(everyones: Variables, image: readonly string[], own: Variables): string[] {
  const merged = new Map<string, string>();
  const setAll = (variables: Variables) => {
    for (const [name, value] of Object.entries(variables)) if (value !== undefined) merged.set(name, `${name}=${value}`);
  };
  setAll(everyones);
  for (const entry of image) merged.set(entry.split('=', 1)[0] ?? '', entry);
  setAll(own);
  return [...merged.values()];
}
