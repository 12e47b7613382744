import { resolve } from 'node:path';
import { PROPAGATIONS, type ContainerMount, type CreateContainerInput } from '@plimsoll/protocol';
import { OptionError, type UsageError } from '../verb.ts';
import { CsvError, parseCsvLine } from './csv.ts';
import { tmpfsMode, tmpfsSize, type TmpfsInput } from './tmpfs-options.ts';

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
    'VOLUME:/where or /host/path:/where, then :ro for read-only; a volume is made where there is none. Of a host path also rslave, rshared, idmap, noidmap',
  mount:
    'the same in words: type=bind,source=/host/path,destination=/where,readonly,bind-propagation=rslave,idmap=false; "source=/a,b" with a comma. Or type=tmpfs,destination=/where,tmpfs-size=64m,tmpfs-mode=755',
} as const;

/** In the order in which `parseMounts` has them. */
export const mountFields = { mounts: ['volume', 'mount'] } as const;

/** What was typed as a container's volumes and binds. */
export function parseMounts({ volume, mount }: { volume: string[]; mount: string[] }): MountInput[] {
  return [...volume.map(parseVolume), ...mount.filter((text) => !isTmpfs(text)).map(parseMount)];
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
    else if (word === 'idmap' || word === 'noidmap') qualifiers.idmap = word === 'idmap';
    else if (propagation !== undefined) qualifiers.propagation = propagation;
    else throw wrong(`"${word}" is none of ro, rw, idmap, noidmap, rprivate, rslave, rshared`);
  }
  return /^[/.]/.test(source)
    ? bindOf(source, destination, qualifiers)
    : volumeOf(source, destination, qualifiers, (word) => wrong(`${word} is for a path of the host`));
}

const KEYS = {
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
  'tmpfs-size': 'size',
  'tmpfs-mode': 'mode',
} as const;
type Key = (typeof KEYS)[keyof typeof KEYS];
type Pairs = Partial<Record<Key, string>>;

/** What each type of mount takes beside its destination. */
const TAKES: Readonly<Record<string, readonly Key[]>> = {
  volume: ['source', 'readonly'],
  bind: ['source', 'readonly', 'propagation', 'idmap'],
  tmpfs: ['size', 'mode'],
};

function wrongMount(text: string): (why: string) => UsageError {
  return (why) => new OptionError('--mount', text, why);
}

/** The pairs of a --mount, as CSV: `type=bind,"source=/a,b",destination=/x`. */
function parsePairs(text: string): Pairs {
  const wrong = wrongMount(text);
  const pairs: Pairs = {};
  for (const part of fieldsOf(text)) {
    const at = part.indexOf('=');
    const key = at < 0 ? part : part.slice(0, at);
    if (!isKey(key)) throw wrong(`"${key}" is none of ${Object.keys(KEYS).join(', ')}`);
    pairs[KEYS[key]] = at < 0 ? 'true' : part.slice(at + 1);
  }
  const { type = 'volume' } = pairs;
  const taken = Object.hasOwn(TAKES, type) ? TAKES[type] : undefined;
  if (taken === undefined) throw wrong(`the types are ${Object.keys(TAKES).join(', ')}`);
  const needed = taken.includes('source') ? (['source', 'destination'] as const) : (['destination'] as const);
  if (needed.some((key) => !pairs[key])) throw wrong(`it needs ${needed.map((key) => `${key}=…`).join(' and ')}`);
  const extra = (Object.keys(pairs) as Key[]).find((key) => key !== 'type' && key !== 'destination' && !taken.includes(key));
  if (extra !== undefined) throw wrong(`${nameOf(extra)} is not for type=${type}`);
  return pairs;
}

function fieldsOf(text: string): string[] {
  try {
    return parseCsvLine(text);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw wrongMount(text)(error.message);
  }
}

function isKey(key: string): key is keyof typeof KEYS {
  return Object.hasOwn(KEYS, key);
}

/** As it is typed first of all. */
function nameOf(wanted: Key): string {
  return Object.entries(KEYS).find(([, key]) => key === wanted)?.[0] ?? wanted;
}

function parseMount(text: string): MountInput {
  const wrong = wrongMount(text);
  const values = parsePairs(text);
  const { type = 'volume', source = '', destination = '' } = values;
  const stated = (key: 'readonly' | 'idmap'): boolean | undefined => {
    const value = values[key];
    if (value !== undefined && value !== 'true' && value !== 'false') throw wrong(`${key} is true or false`);
    return value === undefined ? undefined : value === 'true';
  };
  const [isReadOnly, isMapped] = [stated('readonly'), stated('idmap')];
  const qualifiers: Qualifiers = {
    ...(isReadOnly === true && { readOnly: true }),
    ...(isMapped !== undefined && { idmap: isMapped }),
  };
  if (values.propagation !== undefined) {
    const propagation = propagationOf(values.propagation);
    if (propagation === undefined) throw wrong(`bind-propagation is one of rprivate, rslave, rshared`);
    qualifiers.propagation = propagation;
  }
  if (type === 'bind') return bindOf(source, destination, qualifiers);
  return volumeOf(source, destination, qualifiers, (word) => wrong(`${word} is for type=bind`));
}

/** Those of --mount that are a tmpfs; the option --tmpfs has its own. */
export function parseTmpfsMounts({ mount }: { mount: readonly string[] }): TmpfsInput[] {
  return mount.filter(isTmpfs).map((text) => {
    const wrong = wrongMount(text);
    const { destination = '', size, mode } = parsePairs(text);
    return {
      destination,
      ...(size !== undefined && tmpfsSize(size, (why) => wrong(`tmpfs-size: ${why}`))),
      ...(mode !== undefined && { mode: tmpfsMode(mode, (why) => wrong(`tmpfs-mode: ${why}`)) }),
    };
  });
}

/** Whether a --mount is a tmpfs. */
export function isTmpfs(text: string): boolean {
  return parsePairs(text).type === 'tmpfs';
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
  if (idmap !== undefined) throw onlyBinds(idmap ? 'idmap' : 'noidmap');
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
      : [mount.source, [...(mount.propagation === 'private' ? [] : [`r${mount.propagation}`]), ...idsOf(mount.idmap)]];
  const options = [...(mount.readOnly ? ['ro'] : []), ...more];
  return [source, mount.destination, ...(options.length > 0 ? [options.join(',')] : [])].join(':');
}

function idsOf(idmap: boolean | undefined): string[] {
  return idmap === undefined ? [] : [idmap ? 'idmap' : 'noidmap'];
}
