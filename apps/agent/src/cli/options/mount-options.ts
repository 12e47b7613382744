import { resolve } from 'node:path';
import { PROPAGATIONS, type ContainerMount, type CreateContainerInput } from '@plimsoll/protocol';
import { OptionError, type UsageError } from '../verb.ts';

type MountInput = NonNullable<CreateContainerInput['mounts']>[number];
/** What a mount has beside its source and destination. */
interface Qualifiers {
  readOnly?: boolean;
  propagation?: Propagation;
  idmap?: boolean;
}
type Propagation = (typeof PROPAGATIONS)[number];

export const mountOptions = {
  volume: { type: 'string', short: 'v', multiple: true, default: [] as string[] },
  mount: { type: 'string', multiple: true, default: [] as string[] },
} as const;

export const mountHelp = {
  volume:
    'VOLUME:/where or /host/path:/where, then :ro for read-only; a volume is made where there is none. Of a host path also rslave, rshared, idmap',
  mount: 'the same in words: type=bind,source=/host/path,destination=/where,readonly,bind-propagation=rslave',
} as const;

/** In the order in which `parseMounts` has them. */
export const mountFields = { mounts: ['volume', 'mount'] } as const;

/** What was typed as a container's mounts. */
export function parseMounts({ volume, mount }: { volume: string[]; mount: string[] }): MountInput[] {
  return [...volume.map(parseVolume), ...mount.map(parseMount)];
}

function parseVolume(text: string): MountInput {
  const wrong = (why: string) => new OptionError('--volume', text, why);
  const [source = '', destination = '', options, more] = text.split(':');
  if (source === '' || destination === '') throw wrong('write it as VOLUME:/where or /host/path:/where');
  if (more !== undefined) throw wrong('write a path with a ":" in it as --mount');
  const qualifiers: Qualifiers = {};
  for (const word of options?.split(',') ?? []) {
    const propagation = propagationOf(word);
    if (word === 'ro' || word === 'rw') qualifiers.readOnly = word === 'ro';
    else if (word === 'idmap') qualifiers.idmap = true;
    else if (propagation !== undefined) qualifiers.propagation = propagation;
    else throw wrong(`"${word}" is none of ro, rw, idmap, rprivate, rslave, rshared`);
  }
  return /^[/.]/.test(source)
    ? bindOf(source, destination, qualifiers)
    : volumeOf(source, destination, qualifiers, (word) => wrong(`${word} is for a path of the host`));
}

const KEYS: Readonly<Record<string, 'type' | 'source' | 'destination' | 'readonly' | 'propagation' | 'idmap'>> = {
  type: 'type',
  source: 'source',
  src: 'source',
  destination: 'destination',
  dst: 'destination',
  target: 'destination',
  readonly: 'readonly',
  ro: 'readonly',
  'bind-propagation': 'propagation',
  idmap: 'idmap',
};

function parseMount(text: string): MountInput {
  const wrong = (why: string) => new OptionError('--mount', text, why);
  const values: Partial<Record<(typeof KEYS)[string], string>> = {};
  for (const part of text.split(',')) {
    const at = part.indexOf('=');
    const key = at < 0 ? part : part.slice(0, at);
    const known = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
    if (known === undefined) throw wrong(`"${key}" is none of ${Object.keys(KEYS).join(', ')}`);
    values[known] = at < 0 ? 'true' : part.slice(at + 1);
  }
  const { type = 'volume', source, destination } = values;
  if (!source || !destination) throw wrong('it needs source=… and destination=…');
  const yes = (key: 'readonly' | 'idmap'): boolean => {
    const value = values[key] ?? 'false';
    if (value !== 'true' && value !== 'false') throw wrong(`${key} is true or false`);
    return value === 'true';
  };
  const qualifiers: Qualifiers = { ...(yes('readonly') && { readOnly: true }), ...(yes('idmap') && { idmap: true }) };
  if (values.propagation !== undefined) {
    const propagation = propagationOf(values.propagation);
    if (propagation === undefined) throw wrong(`bind-propagation is one of rprivate, rslave, rshared`);
    qualifiers.propagation = propagation;
  }
  if (type === 'bind') return bindOf(source, destination, qualifiers);
  if (type !== 'volume') throw wrong('the types are volume and bind');
  return volumeOf(source, destination, qualifiers, (word) => wrong(`${word} is for type=bind`));
}

/** A path is what it is in the directory where the command was typed. */
function bindOf(source: string, destination: string, qualifiers: Qualifiers): MountInput {
  return { kind: 'bind', source: resolve(source), destination, ...qualifiers };
}

function volumeOf(
  volume: string,
  destination: string,
  qualifiers: Qualifiers,
  onlyBinds: (word: string) => UsageError,
): MountInput {
  const { readOnly, propagation, idmap } = qualifiers;
  if (propagation !== undefined) throw onlyBinds(`r${propagation}`);
  if (idmap !== undefined) throw onlyBinds('idmap');
  return { kind: 'volume', volume, destination, ...(readOnly !== undefined && { readOnly }) };
}

/** With an r for the mounts below it as well, which is always so. */
function propagationOf(word: string): Propagation | undefined {
  return PROPAGATIONS.find((one) => word === one || word === `r${one}`);
}

/** A mount as -v would make it: `data:/data:ro`. */
export function describeMount(mount: ContainerMount): string {
  const [source, more] =
    mount.kind === 'volume'
      ? [mount.volume, []]
      : [
          mount.source,
          [...(mount.propagation === 'private' ? [] : [`r${mount.propagation}`]), ...(mount.idmap ? ['idmap'] : [])],
        ];
  const options = [...(mount.readOnly ? ['ro'] : []), ...more];
  return [source, mount.destination, ...(options.length > 0 ? [options.join(',')] : [])].join(':');
}
