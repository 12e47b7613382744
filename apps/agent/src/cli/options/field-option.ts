import { tokensOf } from '../arguments.ts';
import type { Verb } from '../verb.ts';
import { isTmpfs } from './mount-options.ts';

/**
 * What a person has typed for a field of a request: `--memory "4k"`, `-e "A B=1"`, or `NAME` for a word that is no option. Null:
 * nothing was.
 */
export function typedFor(
  field: string,
  { fields, options }: Pick<Verb, 'fields' | 'options'>,
  args: readonly string[],
): string | null {
  const known = Object.keys(fields)
    .filter((one) => field === one || field.startsWith(`${one}.`))
    .toSorted((a, b) => b.length - a.length)[0];
  const names = known === undefined ? undefined : fields[known];
  if (known === undefined || names === undefined) return null;
  const [first = ''] = names;
  if (!Object.hasOwn(options, first)) return first;
  const tokens = names.flatMap((name) =>
    tokensOf(options, args).flatMap((token) =>
      token.kind === 'option' && token.name === name && sets(known, token) ? [token] : [],
    ),
  );
  const token = tokens.length === 1 ? tokens[0] : chosen(field.slice(known.length + 1), tokens);
  if (token !== undefined) return token.value === undefined ? token.rawName : `${token.rawName} ${JSON.stringify(token.value)}`;
  return tokens.length === 0 ? null : [...new Set(tokens.map(({ rawName }) => rawName))].join(' or ');
}

/** A --mount is a volume or a bind, or with type=tmpfs a tmpfs. */
function sets(field: string, { name, value }: { name: string; value?: string | undefined }): boolean {
  return name !== 'mount' || value === undefined || isTmpfs(value) === (field === 'tmpfs');
}

/** By its place, `mounts.1`, or by its name, `env.PATH`. */
function chosen<T extends { value: string | undefined }>(rest: string, tokens: readonly T[]): T | undefined {
  const [, index] = /^(\d+)(?:\.|$)/.exec(rest) ?? [];
  if (index !== undefined) return tokens[Number(index)];
  return tokens.find(({ value }) => {
    const [name = ''] = value?.split('=', 1) ?? [];
    return name !== '' && (rest === name || rest.startsWith(`${name}.`));
  });
}
