import { CreateGroup, type LimitName, type PlimsollError } from '@plimsoll/protocol';
import { sentence } from './format.ts';
import { limitAbout } from './limit-fields.ts';
import { readLimits, type LimitTexts } from './limit-texts.ts';

/** The form of a new group as it was filled in. */
export interface GroupValues {
  group: string;
  displayName: string;
  limits: LimitTexts;
}

export type GroupErrors = Partial<Record<LimitName | 'group' | 'displayName', string>>;

/** The request that the form asks for, or what is wrong with which fields. */
export function groupRequest(values: GroupValues): { request: CreateGroup } | { errors: GroupErrors } {
  const limits = readLimits(values.limits);
  const errors: GroupErrors = 'errors' in limits ? { ...limits.errors } : {};
  const displayName = values.displayName.trim();
  const parsed = CreateGroup.safeParse({
    group: values.group.trim(),
    ...(displayName !== '' && { displayName }),
    limits: 'limits' in limits ? limits.limits : {},
  });
  for (const { path, message } of parsed.error?.issues ?? []) {
    if (path[0] === 'group' || path[0] === 'displayName') errors[path[0]] ??= sentence(message);
  }
  return Object.keys(errors).length > 0 || !parsed.success ? { errors } : { request: parsed.data };
}

type ErrorAbout = Pick<PlimsollError, 'code' | 'message'> & { field?: string | undefined };

/** The field that an error of the agent is about. */
export function groupFieldAbout({ code, field, message }: ErrorAbout): keyof GroupErrors | undefined {
  return limitAbout(field ?? message) ?? (code === 'conflict' ? 'group' : undefined);
}
