import type { Verb } from '@plimsoll/protocol';

/** The last words of verbs that change nothing. Any other is recorded: a new verb that only reads is to be named here. */
const READS = new Set([
  'list',
  'inspect',
  'birth',
  'isolation',
  'top',
  'stats',
  'wait',
  'report',
  'cgroups',
  'cgroup',
  'namespaces',
  'query',
  'verify',
  'history',
]);

export function changesSomething(verb: Verb): boolean {
  return !READS.has(verb.slice(verb.indexOf('.') + 1));
}
