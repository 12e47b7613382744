import { CreateContainer, type CreateContainerInput } from '@plimsoll/protocol';
import { CommandLineError, splitCommandLine } from './command-line.ts';
import { parseSize } from './parse-size.ts';

export const FIELDS = [
  'name',
  'group',
  'image',
  'command',
  'cpus',
  'memory',
  'pids',
  'weight',
  'env',
  'workdir',
  'hostname',
] as const;
export type Field = (typeof FIELDS)[number];

/** The form as it was filled in. */
export type FormValues = Record<Field, string> & { autoRemove: boolean };
export type FieldErrors = Partial<Record<Field, string>>;

const PATH_TO_FIELD: readonly [path: string, field: Field][] = [
  ['limits.cpuWeight', 'weight'],
  ['limits.cpus', 'cpus'],
  ['limits.memoryBytes', 'memory'],
  ['limits.pids', 'pids'],
  ['name', 'name'],
  ['group', 'group'],
  ['image', 'image'],
  ['command', 'command'],
  ['env', 'env'],
  ['workdir', 'workdir'],
  ['hostname', 'hostname'],
];

/** The request that the form asks for, or what is wrong with which fields. Empty fields are left out: the agent's defaults hold. */
export function createRequest(values: FormValues): { request: CreateContainerInput } | { errors: FieldErrors } {
  const errors: FieldErrors = {};
  const filled = (field: Field) => values[field].trim() || undefined;
  const attempt = <T>(field: Field, read: (text: string) => T): T | undefined => {
    const text = filled(field);
    if (text === undefined) return undefined;
    try {
      return read(text);
    } catch (error) {
      if (!(error instanceof CommandLineError || error instanceof FieldError)) throw error;
      errors[field] = error.message;
      return undefined;
    }
  };
  const request = {
    name: filled('name'),
    group: filled('group'),
    image: filled('image'),
    command: attempt('command', splitCommandLine),
    env: attempt('env', readEnvironment),
    workdir: filled('workdir'),
    hostname: filled('hostname'),
    limits: withoutUndefined({
      cpus: attempt('cpus', (text) => readNumber(text, 'a number of cpus, such as 0.5')),
      cpuWeight: attempt('weight', (text) => readNumber(text, 'a whole number')),
      memoryBytes: attempt('memory', readSize),
      pids: attempt('pids', (text) => readNumber(text, 'a whole number')),
    }),
    autoRemove: values.autoRemove,
  };
  const parsed = CreateContainer.safeParse(withoutUndefined(request));
  for (const issue of parsed.error?.issues ?? []) {
    const field = fieldOf(issue.path.join('.'));
    if (field !== undefined) errors[field] ??= sentence(issue.message);
  }
  return Object.keys(errors).length > 0 || !parsed.success ? { errors } : { request: parsed.data };
}

/** The field that an error of the agent is about, by the path that its sentence names. */
export function fieldOf(text: string): Field | undefined {
  // `container.run: limits.cpus: …`: a path stands alone between colons, or goes on with a dot.
  const paths = text.split(/:\s*/);
  return PATH_TO_FIELD.find(([path]) => paths.some((named) => named === path || named.startsWith(`${path}.`)))?.[1];
}

class FieldError extends Error {}

function readNumber(text: string, expected: string): number {
  const value = Number(text.replace(',', '.'));
  if (!/^\d+(?:[.,]\d+)?$/.test(text)) throw new FieldError(`Expected ${expected}.`);
  return value;
}

function readSize(text: string): number {
  const size = parseSize(text);
  if (size === null) throw new FieldError('Expected a size, such as 256m, 1.5g or a number of bytes.');
  return size;
}

function readEnvironment(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=');
      if (at < 1) throw new FieldError(`"${line}" has no "=": write NAME=value, one a line.`);
      return [line.slice(0, at).trim(), line.slice(at + 1)];
    }),
  );
}

function withoutUndefined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`.replace(/\.\.$/, '.');
}
