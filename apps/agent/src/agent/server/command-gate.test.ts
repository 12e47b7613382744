import { expect, test } from 'vitest';
import { CommandGate } from './command-gate.ts';

test('64 at once, and again when one is done', async () => {
  const gate = new CommandGate({ who: 'local' });
  const blocker = Promise.withResolvers<void>();
  const underWay = Array.from({ length: 64 }, () => gate.pass(() => blocker.promise));
  await expect(gate.pass(() => Promise.resolve())).rejects.toMatchObject({ code: 'too-many' });
  blocker.resolve();
  await Promise.all(underWay);
  await expect(gate.pass(() => Promise.resolve('done'))).resolves.toBe('done');
});

test('a flood is held off, unless it is root’s own', async () => {
  const gate = new CommandGate({ who: 'user', session: '' });
  let refused = 0;
  for (let i = 0; i < 1000; i++) await gate.pass(() => Promise.resolve()).catch(() => (refused += 1));
  expect(refused).toBeGreaterThan(400);
  const roots = new CommandGate({ who: 'local' });
  for (let i = 0; i < 1000; i++) await roots.pass(() => Promise.resolve());
});
