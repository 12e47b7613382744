'use client';

import type { HostCgroup } from '@plimsoll/protocol';
import { usePathname, useSearchParams } from 'next/navigation';
import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';
import { BASE_PATH } from '../../lib/base-path.ts';
import { kernelHref, readKernelView, selectedCgroup, type KernelView } from '../../lib/kernel-view.ts';
import { useLive } from '../live-provider.tsx';
import { CgroupPanel } from './cgroup-panel.tsx';
import { KernelToolbar } from './kernel-toolbar.tsx';
import { KernelTreeTable } from './kernel-tree.tsx';

const never = () => () => undefined;

/** The cgroups of the whole host as a tree, and beside it the one that is looked at. */
export function KernelPage({ initial }: { initial: readonly HostCgroup[] }) {
  const kernel = useLive()?.kernel;
  useEffect(() => kernel?.watch(), [kernel]);
  const cgroups = useSyncExternalStore(
    kernel?.notifier.subscribe ?? never,
    () => kernel?.all() ?? initial,
    () => initial,
  );
  const path = usePathname();
  const params = useSearchParams();
  const view = useMemo(() => readKernelView(params), [params]);
  const selected = selectedCgroup(path, params);
  const change = (part: Partial<KernelView>) => {
    const { pathname, search } = window.location;
    const now = new URLSearchParams(search);
    const next = kernelHref(selectedCgroup(pathname.slice(BASE_PATH.length), now), { ...readKernelView(now), ...part });
    window.history.replaceState(null, '', `${BASE_PATH}${next}`);
  };
  // The tree is here already: no need to ask the server for a page.
  const select = useCallback((next: string | null) => {
    const view = readKernelView(new URLSearchParams(window.location.search));
    window.history.pushState(null, '', `${BASE_PATH}${kernelHref(next, view)}`);
  }, []);
  return (
    <>
      <div className={selected === null ? '' : 'max-lg:hidden'}>
        <KernelToolbar cgroups={cgroups} view={view} change={change} />
      </div>
      <div className="flex min-h-0 flex-1">
        <div
          className={`flex min-h-0 min-w-0 flex-col ${
            selected === null ? 'flex-1' : 'max-lg:hidden lg:w-[26rem] lg:flex-none lg:border-r lg:border-line 2xl:w-[34rem]'
          }`}
        >
          <KernelTreeTable cgroups={cgroups} view={view} selected={selected} select={select} />
        </div>
        {selected !== null && (
          <CgroupPanel
            key={selected}
            path={selected}
            cgroup={cgroups.find((one) => one.path === selected)}
            close={() => select(null)}
          />
        )}
      </div>
    </>
  );
}
