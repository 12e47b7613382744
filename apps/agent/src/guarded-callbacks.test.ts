import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
/** The processes that live long, and what they are made of. */
const SOURCES = [
  'packages/core/src/**/*.ts',
  ...['agent', 'supervisor', 'launcher', 'client', 'images', 'volumes'].map((part) => `apps/agent/src/${part}/**/*.ts`),
];

/** Calls with a callback that the event loop calls, outside of any promise. */
const CALLS = /(?<![\w#.])(?:setTimeout|setInterval|setImmediate|queueMicrotask|koffi\.node\.poll)\(|([\w#]+)\.(?:on|once)\(/g;

/** Emitters of our own: GuardedEmitter has a boundary around each listener. `source`: from a list of these. */
const OWN =
  /^#?(?:registry|supervisor|link|incidents|alerts|rules|events|sampler|images|volumes|sessions|client|clock|watch|source|this|requests)$/;

/** It settles a promise, aborts, kills, sets a variable, or does nothing. */
const HARMLESS = [
  /^\s*\((?:[^()]*)\) => (?:[\w.#?]+\.)?(?:resolve|reject|abort|destroy)\(/,
  /^\s*(?:\w+\.)?(?:resolve|reject)\b/,
  /^\s*\(error\) => \(reason = /,
  /^\s*\(error\) => (?:logFault|say)\(/,
  /^\s*\(\) => \{\}/,
  /^\s*\)/,
];
const GUARDED = /^\s*(?:[\w.]*#\w+Guarded\b|guarded\()/;

/** What has no boundary, and why. */
const REASONS: Record<string, string> = {
  'apps/agent/src/agent/main.ts process': 'what has no boundary ends the agent, and a signal settles a promise',
  'apps/agent/src/agent/database/worker.ts port': 'what a method throws is its reply',
  'apps/agent/src/agent/database/worker-thread.ts #worker':
    'the end of a thread rejects its calls; who needs it may end the agent',
  'apps/agent/src/agent/metrics/listener.ts server': 'a promise chain that ends in a catch',
  'apps/agent/src/agent/server/listen.ts probe': 'it settles a promise',
  'apps/agent/src/agent/server/viewer.ts socket': '#answered makes an error the answer',
  'apps/agent/src/client/agent-client.ts #socket': 'the listener has a boundary of its own, apart from the parsing',
  'apps/agent/src/client/connect.ts socket': 'both settle a promise',
  'apps/agent/src/images/import-process.ts process': 'it ends the process',
  'apps/agent/src/launcher/end-with-parent.ts process': 'it ends the process',
  'apps/agent/src/supervisor/main.ts one': 'before a server listens an error ends the supervisor; later ones are logged',
  'apps/agent/src/supervisor/uncaught.ts process': 'the last boundary',
  'packages/core/src/syscalls/poll.ffi.ts process': 'at the end of the process',
};

/** Receiver of each call whose callback has neither a boundary nor needs one; the name of the function where it is none. */
function unguarded(path: string): string[] {
  const source = readFileSync(join(ROOT, path), 'utf8');
  return [...source.matchAll(CALLS)].flatMap((match) => {
    const receiver = match[1] ?? '';
    const after = source.slice(match.index + match[0].length);
    const callback = after.replace(receiver === '' ? /^fd, \{[^}]*\},/ : /^\s*(?:'[^']*'|[\w.]+),/, '');
    if (OWN.test(receiver) || GUARDED.test(callback) || HARMLESS.some((pattern) => pattern.test(callback))) return [];
    return [`${path} ${receiver === '' ? match[0].slice(0, -1) : receiver}`];
  });
}

test('every callback of a timer, a socket, a worker and koffi has an error boundary, or a reason', () => {
  const files = globSync(SOURCES, { cwd: ROOT }).filter((file) => !/\.(?:test|fixture)\.ts$/.test(file));
  expect(files.length).toBeGreaterThan(200);
  const found = new Set(files.flatMap(unguarded));
  expect([...found].toSorted()).toEqual(Object.keys(REASONS).toSorted());
});

test('every emitter of our own is a GuardedEmitter', () => {
  const files = globSync(SOURCES, { cwd: ROOT }).filter((file) => !/\.(?:test|fixture)\.ts$/.test(file));
  const others = files.filter((file) => /extends EventEmitter\b|new EventEmitter\b/.test(readFileSync(join(ROOT, file), 'utf8')));
  expect(others).toEqual(['packages/core/src/events/guarded.ts']);
});
