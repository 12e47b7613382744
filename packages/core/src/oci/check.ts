/** MAX_ARG_STRLEN: 32 pages. */
const MAX_STRING = 131_071;
/** Room for an image's variables beside as many as a request may have. */
const MOST_ENTRIES = 200_000;

/** Thrown for a config that core does not carry out, whole and exactly. `path` is the property, `linux.namespaces.0.type`. */
export class InvalidConfig extends Error {
  override readonly name = 'InvalidConfig';
  readonly path: string;
  /** The sentence goes on with it, the path being its subject. */
  readonly why: string;
  constructor(path: string, why: string) {
    super(`config.${path}: ${why}`);
    this.path = path;
    this.why = why;
  }
}

export type Check = (value: unknown, path: string) => void;

export function check(value: unknown, path: string, ...checks: Check[]): void {
  for (const one of checks) one(value, path);
}

export function isObject(value: unknown, path: string): asserts value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new InvalidConfig(path, 'is not an object');
}

/** An object with these properties, those optional ones, and no other: an unknown property would be ignored in silence. */
export function OBJECT(required: Record<string, Check>, optional: Record<string, Check> = {}): Check {
  return (value, path) => {
    isObject(value, path);
    const at = (key: string) => (path === '' ? key : `${path}.${key}`);
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(required, key) && !Object.hasOwn(optional, key)) throw new InvalidConfig(at(key), 'is not supported');
    }
    for (const [key, one] of Object.entries(required)) {
      if (value[key] === undefined) throw new InvalidConfig(at(key), 'is missing');
      one(value[key], at(key));
    }
    for (const [key, one] of Object.entries(optional)) if (value[key] !== undefined) one(value[key], at(key));
  };
}

export function list(item: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value)) throw new InvalidConfig(path, 'is not a list');
    if (value.length > MOST_ENTRIES) throw new InvalidConfig(path, `has more than ${MOST_ENTRIES} entries`);
    value.forEach((one, i) => item(one, `${path}.${i}`));
  };
}

export function text(pattern = /^/): Check {
  return (value, path) => {
    if (typeof value !== 'string' || value.includes('\0') || Buffer.byteLength(value) > MAX_STRING) {
      throw new InvalidConfig(path, 'is not a string that the kernel takes');
    }
    if (!pattern.test(value)) throw new InvalidConfig(path, `is ${JSON.stringify(value)}`);
  };
}

export function integer(least: number, most: number): Check {
  return (value, path) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
      throw new InvalidConfig(path, `is not a whole number from ${least} to ${most}`);
    }
  };
}

export function oneOf(values: readonly string[]): Check {
  return (value, path) => {
    if (typeof value !== 'string' || !values.includes(value)) throw new InvalidConfig(path, `is not one of ${values.join(', ')}`);
  };
}

export const flag: Check = (value, path) => {
  if (typeof value !== 'boolean') throw new InvalidConfig(path, 'is not true or false');
};

export const absolutePath: Check = (value, path) => {
  text(/^\//)(value, path);
  if ((value as string).length >= 4096) throw new InvalidConfig(path, 'is longer than PATH_MAX');
};
