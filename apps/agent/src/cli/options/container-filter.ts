import type { ContainerStatus, ContainerView } from '@plimsoll/protocol';
import { parseInteger } from './quantities.ts';
import { OptionError } from '../verb.ts';

type Test = (view: ContainerView) => boolean;

const OPTION = '--filter';
/** By docker's words and ours; null: no container of Plimsoll's is ever so. */
const STATUSES: Readonly<Record<string, ContainerStatus | null>> = {
  created: 'created',
  starting: 'starting',
  running: 'running',
  frozen: 'frozen',
  paused: 'frozen',
  stopping: 'stopping',
  exited: 'exited',
  failed: 'failed',
  restarting: null,
  removing: null,
  dead: null,
};

/** The condition of each of docker's filter keys. */
const KEYS: Readonly<Record<string, (value: string, text: string) => Test>> = {
  id: (value) => (view) => view.id.startsWith(value),
  name: (value, text) => {
    const pattern = patternOf(value, text);
    // Docker knows a name with a slash before it as well: ^/web$.
    return ({ name }) => pattern.test(name) || pattern.test(`/${name}`);
  },
  status: (value, text) => {
    const status = Object.hasOwn(STATUSES, value) ? STATUSES[value] : undefined;
    if (status === undefined) throw wrong(text, `a status is one of ${Object.keys(STATUSES).join(', ')}`);
    return ({ state }) => state.status === status;
  },
  exited: (value, text) => {
    if (!/^\d{1,3}$/.test(value)) throw wrong(text, 'give an exit code');
    const code = parseInteger(value, OPTION);
    return ({ state }) => state.status === 'exited' && state.exitCode === code;
  },
  label: (value) => {
    const at = value.indexOf('=');
    if (at < 0) return ({ labels }) => Object.hasOwn(labels, value);
    return ({ labels }) => Object.hasOwn(labels, value.slice(0, at)) && labels[value.slice(0, at)] === value.slice(at + 1);
  },
  group: (value) => (view) => view.group === value || view.group.startsWith(`${value}/`),
  image: (value) => (view) => view.image === value,
  ancestor: (value) => (view) => view.image === value,
};

/** As docker has it: of several values of one key one must fit, of labels all of them, and of several keys each. Throws UsageError. */
export function parseFilters(texts: readonly string[]): Test {
  const tests = new Map<string, Test[]>();
  for (const text of texts) {
    const at = text.indexOf('=');
    const key = at < 0 ? text : text.slice(0, at);
    const make = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
    if (make === undefined) throw wrong(text, `the keys are ${Object.keys(KEYS).join(', ')}`);
    if (at < 0) throw wrong(text, `write it as ${key}=…`);
    tests.set(key, [...(tests.get(key) ?? []), make(text.slice(at + 1), text)]);
  }
  const rows = [...tests];
  return (view) =>
    rows.every(([key, all]) => (key === 'label' ? all.every((test) => test(view)) : all.some((test) => test(view))));
}

/** A part of the name, or a regular expression: `web`, `^web-`. */
function patternOf(value: string, text: string): RegExp {
  try {
    return new RegExp(value);
  } catch (error) {
    throw wrong(text, (error as Error).message);
  }
}

function wrong(text: string, why: string): OptionError {
  return new OptionError(OPTION, text, why);
}
