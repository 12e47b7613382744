import { expect, it } from 'vitest';
import { ancestors, treeRows, urlPath } from './tree.ts';

const nodes = (...paths: string[]) => paths.map((path) => ({ path }));
const all = { expanded: () => true };
const drawn = (rows: ReturnType<typeof treeRows>) => rows.map(({ node, level }) => `${'  '.repeat(level - 1)}${node.path}`);

it('nests by path, in the order of names, numbers as numbers', () => {
  const rows = treeRows(nodes('b', 'a/x10', 'a', 'a/x9', 'a/x9/deep'), all);
  expect(drawn(rows)).toEqual(['a', '  a/x9', '    a/x9/deep', '  a/x10', 'b']);
  expect(rows.map(({ position, siblings }) => `${position}/${siblings}`)).toEqual(['1/2', '1/2', '1/1', '2/2', '2/2']);
});

it('puts all below a root, and what has lost its parent below the next that is there', () => {
  expect(drawn(treeRows(nodes('', 'a', 'a/b/c'), all))).toEqual(['', '  a', '    a/b/c']);
});

it('leaves out what is in a collapsed one', () => {
  const rows = treeRows(nodes('a', 'a/b', 'a/b/c'), { expanded: ({ path }) => path === 'a' });
  expect(drawn(rows)).toEqual(['a', '  a/b']);
  expect(rows.map(({ hasChildren, expanded }) => [hasChildren, expanded])).toEqual([
    [true, true],
    [true, false],
  ]);
});

it('shows what matches with all that it is in, whatever is collapsed', () => {
  const rows = treeRows(nodes('', 'a', 'a/b', 'c'), { expanded: () => false, matches: ({ path }) => path.endsWith('b') });
  expect(drawn(rows)).toEqual(['', '  a', '    a/b']);
  expect(rows.map(({ faded }) => faded)).toEqual([true, true, false]);
});

it('names what a path is in, and puts it into a URL', () => {
  expect(ancestors('a/b/c')).toEqual(['a', 'a/b']);
  expect(urlPath('user@0.service/a b?')).toBe('user%400.service/a%20b%3F');
});
