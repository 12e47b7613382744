import { CreateContainer, type CreateContainerInput, type LimitName } from '@plimsoll/protocol';
import { CommandLineError, splitCommandLine } from './command-line.ts';
import { FieldError } from './field-error.ts';
import { sentence } from './format.ts';
import { readCapabilities, readOffset, readShares } from './isolation-texts.ts';
import { limitAbout } from './limit-fields.ts';
import { readNewLimits, type LimitTexts } from './limit-texts.ts';
import { volumeField, volumeMounts, type VolumeField, type VolumeTexts } from './volume-texts.ts';

/** Fields of one text each, by the property of the request that each is about. */
export const FIELDS = [
  'name',
  'group',
  'image',
  'command',
  'env',
  'workdir',
  'hostname',
  'user',
  'capabilities',
  'namespaces',
  'timeOffsets',
] as const;
export type Field = (typeof FIELDS)[number];

/** The form as it was filled in. */
export type FormValues = Record<Field, string> & {
  limits: LimitTexts;
  volumes: readonly VolumeTexts[];
  /** Types of namespaces that are shared with the container that `namespaces` names. */
  shares: readonly string[];
  readOnly: boolean;
  autoRemove: boolean;
};
export type FieldErrors = Partial<Record<Field | LimitName | VolumeField, string>>;

/** The request that the form asks for, or what is wrong with which fields. Empty fields are left out: the agent's defaults hold. */
export function createRequest(values: FormValues): { request: CreateContainerInput } | { errors: FieldErrors } {
  const limits = readNewLimits(values.limits);
  const errors: FieldErrors = 'errors' in limits ? { ...limits.errors } : {};
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
    limits: 'limits' in limits ? limits.limits : {},
    mounts: volumeMounts(values.volumes),
    user: filled('user'),
    capabilities: attempt('capabilities', readCapabilities),
    namespaces: attempt('namespaces', (container) => readShares(container, values.shares)),
    timeOffsets: attempt('timeOffsets', readOffset),
    readOnly: values.readOnly,
    autoRemove: values.autoRemove,
  };
  const parsed = CreateContainer.safeParse(withoutUndefined(request));
  for (const issue of parsed.error?.issues ?? []) {
    const field = fieldOf(issue.path.join('.'));
    if (field !== undefined) errors[field] ??= sentence(issue.message);
  }
  return Object.keys(errors).length > 0 || !parsed.success ? { errors } : { request: parsed.data };
}

/** The field that an error of the agent is about, by the path of it; or by the sentence, of those of the kernel's about limits. */
export function fieldOf(text: string): keyof FieldErrors | undefined {
  const field = FIELDS.find((field) => text === field || text.startsWith(`${field}.`));
  return field ?? limitAbout(text) ?? volumeField(text);
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
