import type { CgroupOwner, HostCgroup } from '@plimsoll/protocol';
import { ancestors, urlPath } from './tree.ts';

/** Who made a cgroup, in a word. */
export const OWNERS: Readonly<Record<CgroupOwner, string>> = {
  root: 'root',
  plimsoll: 'Plimsoll',
  'other-plimsoll': 'other Plimsoll',
  docker: 'Docker',
  podman: 'Podman',
  kubernetes: 'Kubernetes',
  systemd: 'systemd',
  other: 'other',
};

/** What the kernel page shows, as it stands in the URL. */
export interface KernelView {
  query: string;
  owner: CgroupOwner | null;
}

export function readKernelView(params: { get(name: string): string | null }): KernelView {
  const owner = params.get('owner');
  return {
    query: params.get('q') ?? '',
    owner: owner !== null && Object.hasOwn(OWNERS, owner) ? (owner as CgroupOwner) : null,
  };
}

/** A path of the kernel page. The root, whose path is empty, has a place of its own beside the plain page. */
export function kernelHref(path: string | null, { query, owner }: KernelView): string {
  const params = new URLSearchParams();
  if (path === '') params.set('root', '');
  if (query !== '') params.set('q', query);
  if (owner !== null) params.set('owner', owner);
  const place = path === null || path === '' ? '/kernel' : `/kernel/${urlPath(path)}`;
  return params.size === 0 ? place : `${place}?${params.toString().replace('root=', 'root')}`;
}

/** The cgroup that an address is about. Null: none. */
export function selectedCgroup(pathname: string, params: { has(name: string): boolean }): string | null {
  const path = pathname.replace(/^\/kernel\/?/, '');
  if (path !== '') return path.split('/').map(decodeURIComponent).join('/');
  return params.has('root') ? '' : null;
}

/** Undefined where nothing is filtered. */
export function kernelFilter({ query, owner }: KernelView): ((cgroup: HostCgroup) => boolean) | undefined {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0 && owner === null) return undefined;
  return (cgroup) =>
    (owner === null || cgroup.owner === owner) && words.every((word) => cgroup.path.toLowerCase().includes(word));
}

/** Few are all open; of many the outermost, and what leads to the one that is looked at. */
export function usuallyOpen(total: number, selected: string | null): (path: string) => boolean {
  if (total <= FEW) return () => true;
  const leading = new Set(selected === null ? [] : ancestors(selected));
  return (path) => path === '' || leading.has(path);
}

const FEW = 60;

/** `v2 + 9 of v1`, with all of them for who wants to know. */
export function hierarchiesInShort(hierarchies: readonly string[]): string {
  const v1 = hierarchies.filter((name) => name !== 'v2').length;
  const parts = [hierarchies.includes('v2') && 'v2', v1 > 0 && `${v1} of v1`];
  return parts.filter((part) => part !== false).join(' + ');
}
