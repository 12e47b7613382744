import { expect, test } from 'vitest';
import { Handles } from './handles.ts';

test('a path keeps its number, and no number is given twice', () => {
  const handles = new Handles();
  const web = handles.of('acme/web');
  const db = handles.of('acme/db');
  expect(web).not.toBe(db);
  expect(handles.of('acme/web')).toBe(web);
  // What sample frames have room for, and far above what counts up from 1.
  expect(Math.max(web, db)).toBeLessThan(2 ** 32);
  expect(Math.min(web, db)).toBeGreaterThan(2 ** 30);
});

test('among very many those that are gone are forgotten, and those that are there are not', () => {
  const handles = new Handles();
  const kept = handles.of('kept');
  const gone = handles.of('gone');
  handles.keep(new Set(['kept']));
  expect(handles.of('gone')).toBe(gone);
  for (let i = 0; i < 70_000; i++) handles.of(`run-${i}`);
  handles.keep(new Set(['kept']));
  expect(handles.of('kept')).toBe(kept);
  expect(handles.of('gone')).toBeLessThan(gone);
});
