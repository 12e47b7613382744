import { ContainerView, NamespaceType } from '@plimsoll/protocol';
import { describe, expect, it } from 'vitest';
import type { Figures } from '../live/figures.ts';
import { DEFAULT_VIEW, readTableView, tableRows, writeTableView, type TableView } from './table-view.ts';

let next = 0;
function container(name: string, group: string, state: object): ContainerView {
  next += 1;
  return ContainerView.parse({
    id: String(next).padStart(16, '0'),
    handle: next,
    name,
    group,
    image: 'base',
    command: ['true'],
    env: {},
    workdir: '/',
    hostname: name,
    limits: {},
    labels: {},
    autoRemove: false,
    createdAt: `2026-01-01T00:00:0${next}.000Z`,
    incarnation: 1,
    state,
    cgroup: `plimsoll/${group}/${next}`,
    mounts: [],
    isolation: {
      user: { uid: 0, gid: 0, groups: [] },
      namespaces: Object.fromEntries(NamespaceType.options.map((type) => [type, 'private'])),
      timeOffsets: { monotonicS: 0, boottimeS: 0 },
      capabilities: [],
      noNewPrivileges: true,
      seccomp: 'default',
      appArmor: null,
      seLinux: null,
      readOnly: false,
      devices: [],
    },
    fallback: null,
    lastExit: null,
  });
}

const at = '2026-01-01T00:00:00.000Z';
const views = [
  container('web-1', 'acme/web', { status: 'running', pid: 1, startedAt: at }),
  container('db', 'acme/db', { status: 'frozen', pid: 2, startedAt: at, frozenAt: at, reasons: [{ by: 'user' }] }),
  container('job', 'acme/web', { status: 'exited', startedAt: at, exitedAt: at, exitCode: 1, signal: null, oomKilled: false }),
];
const cpu: Record<string, number> = { 'web-1': 0.5, db: 2, job: NaN };
const figures = (id: string): Figures => ({
  cpu: cpu[views.find((view) => view.id === id)?.name ?? ''] ?? NaN,
  memory: 1,
  io: 1,
  pids: 1,
});
const names = (view: Partial<TableView>) =>
  tableRows(views, { ...DEFAULT_VIEW, ...view }, figures).map((row) =>
    row.kind === 'group' ? `${row.path} ${row.count}` : row.view.name,
  );

describe('tableRows', () => {
  it('begins with the newest', () => expect(names({})).toEqual(['job', 'db', 'web-1']));
  it('sorts by cpu with no reading last, both ways', () => {
    expect(names({ sort: 'cpu', descending: true })).toEqual(['db', 'web-1', 'job']);
    expect(names({ sort: 'cpu', descending: false })).toEqual(['web-1', 'db', 'job']);
  });
  it('orders what is equal by name', () => expect(names({ sort: 'memory', descending: true })).toEqual(['db', 'job', 'web-1']));
  it('filters by every word, whatever its case', () => {
    expect(names({ query: 'ACME exited' })).toEqual(['job']);
    expect(names({ query: 'nothing' })).toEqual([]);
  });
  it('filters by state', () => {
    expect(names({ state: 'frozen' })).toEqual(['db']);
    expect(names({ state: 'ended' })).toEqual(['job']);
  });
  it('puts groups above their members', () => {
    expect(names({ byGroup: true, sort: 'name', descending: false })).toEqual(['acme/db 1', 'db', 'acme/web 2', 'job', 'web-1']);
  });
});

describe('the URL', () => {
  it('is empty for the default', () => expect(writeTableView(DEFAULT_VIEW).toString()).toBe(''));
  it.each<Partial<TableView>>([
    { query: 'a b', state: 'running' },
    { sort: 'name', descending: false },
    { sort: 'name', descending: true },
    { sort: 'cpu', descending: false, byGroup: true },
  ])('keeps %o', (change) => {
    const view = { ...DEFAULT_VIEW, ...change };
    expect(readTableView(writeTableView(view))).toEqual(view);
  });
  it('ignores what it does not know', () => {
    expect(readTableView(new URLSearchParams('sort=evil&state=evil&by=evil'))).toEqual(DEFAULT_VIEW);
  });
});
