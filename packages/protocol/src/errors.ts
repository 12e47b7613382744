import { z } from 'zod';

/**
 * Every error that crosses a process border, by code. `status` is the HTTP status; `hint` is the next step for a person
 * where the place that raised it has nothing better to say; its commands are shown as command-name.ts has it.
 */
export const ERRORS = {
  'bad-request': { status: 400, hint: 'Correct the field that is named and try again.' },
  unauthorized: { status: 401, hint: 'Run `plimsoll url` on the host and open the link it prints.' },
  forbidden: { status: 403, hint: 'Use the command line as root on the host for this.' },
  'not-found': { status: 404, hint: 'List what there is and check the name.' },
  conflict: { status: 409, hint: 'Choose another name, or remove what holds this one.' },
  'wrong-state': { status: 409, hint: 'Look at its state first; it may just have changed.' },
  'too-large': { status: 413, hint: 'Send less in one message.' },
  'too-many': { status: 429, hint: 'Wait for what is under way, then try again.' },
  'newer-version': { status: 409, hint: 'Update this Plimsoll, or use the one that wrote it.' },
  'unsupported-on-host': { status: 501, hint: 'Run `plimsoll doctor` to see what this host offers.' },
  'command-not-found': { status: 422, hint: 'Give a command that the image contains, or its full path.' },
  'command-not-executable': { status: 422, hint: 'Give a file that is executable inside the image.' },
  'start-failed': { status: 500, hint: 'The failing step is named; `plimsoll doctor` shows what this host offers.' },
  'start-timeout': {
    status: 504,
    hint: 'Raise its cpu limit or that of its groups, look whether a container whose namespaces it joins stops its processes, and start it again.',
  },
  'deadline-exceeded': { status: 504, hint: 'Look whether it took effect before trying again.' },
  'disk-full': {
    status: 507,
    hint: 'Free space on that file system: `plimsoll rm`, `plimsoll image rm` and `plimsoll volume rm` work while it is full.',
  },
  unavailable: { status: 503, hint: 'Try again in a moment; if it stays so, run `npm start`.' },
  internal: { status: 500, hint: 'Find the id in the log and report it.' },
} as const satisfies Record<string, { status: number; hint: string }>;

export type ErrorCode = keyof typeof ERRORS;

const ERROR_CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

/** An error as it travels: a code for programs, a sentence for a person, what to do next. */
export const ErrorBody = z.object({
  code: z.enum(ERROR_CODES),
  message: z.string(),
  hint: z.string(),
  /** The field of the request that the sentence is about, `limits.memoryBytes`. */
  field: z.string().optional(),
  /** Set on `internal` only: the same id stands in the log beside the cause. */
  id: z.string().optional(),
});
export type ErrorBody = z.infer<typeof ErrorBody>;

interface Options {
  hint?: string;
  field?: string;
  id?: string;
  cause?: unknown;
}

/** The one error class that may cross a border. Anything else becomes `internal` there. */
export class PlimsollError extends Error {
  override readonly name = 'PlimsollError';
  readonly code: ErrorCode;
  readonly hint: string;
  readonly field: string | undefined;
  readonly id: string | undefined;

  constructor(code: ErrorCode, message: string, options: Options = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? ERRORS[code].hint;
    this.field = options.field;
    this.id = options.id;
  }

  static from(body: ErrorBody): PlimsollError {
    const { code, message, hint, field, id } = body;
    return new PlimsollError(code, message, { hint, ...(field !== undefined && { field }), ...(id !== undefined && { id }) });
  }

  toBody(): ErrorBody {
    const { code, message, hint, field, id } = this;
    return { code, message, hint, ...(field !== undefined && { field }), ...(id !== undefined && { id }) };
  }
}

/** As a person reads it: `limits.memoryBytes: a container cannot …`. `nameOfField`: what the person calls a field. */
export function errorInWords(
  { field, message }: Pick<ErrorBody, 'field' | 'message'>,
  nameOfField: (field: string) => string = (path) => path,
): string {
  return field === undefined ? message : `${nameOfField(field)}: ${message}`;
}

/** Parses what another part of Plimsoll says; a mismatch becomes one `bad-request` whose sentence says of what, and where in it. */
export function parse<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = firstIssue(result.error);
  throw new PlimsollError('bad-request', `${path === '' ? what : `${what}: ${path}`}: ${message}`, { cause: result.error });
}

/** Parses a request; a mismatch becomes one `bad-request` about the first field that is wrong. */
export function parseRequest<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = firstIssue(result.error);
  if (path !== '') throw new PlimsollError('bad-request', message, { field: path, cause: result.error });
  throw new PlimsollError('bad-request', `${what}: ${message}`, { cause: result.error });
}

function firstIssue({ issues: [issue] }: z.ZodError): { path: string; message: string } {
  return {
    path: issue?.path.map(String).join('.') ?? '',
    message: issue?.message ?? 'it does not have the expected shape',
  };
}
