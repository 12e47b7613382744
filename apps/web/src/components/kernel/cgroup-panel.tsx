'use client';

import type { HostCgroup } from '@plimsoll/protocol';
import { ChevronLeft, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { LazyCharts } from '../charts/lazy-charts.tsx';
import { CgroupActions } from './cgroup-actions.tsx';
import { CgroupDetails } from './cgroup-details.tsx';
import { CgroupState } from './cgroup-state.tsx';
import { OwnerChip } from './owner-chip.tsx';
import { OwnPage } from './own-page.tsx';

interface PanelProps {
  path: string;
  /** Undefined: it is not there, or not any more. */
  cgroup: HostCgroup | undefined;
  close: () => void;
}

/** One cgroup of the host: what it uses, what is in it, and what may be done to it. */
export function CgroupPanel({ path, cgroup, close }: PanelProps) {
  const name = path === '' ? '/' : path;
  return (
    <section
      aria-label={`Cgroup ${name}`}
      className={`min-w-0 flex-1 overflow-auto ${cgroup?.frozen === true ? 'bg-ice-tint' : ''}`}
    >
      <title>{`${name} · Plimsoll`}</title>
      <header className="flex flex-wrap items-start gap-x-6 gap-y-3 px-4 pt-3 pb-4">
        <div className="min-w-0 flex-1 basis-72">
          <button
            type="button"
            onClick={close}
            className="-ml-1 inline-flex items-center text-13 text-ink-2 hover:text-ink lg:hidden"
          >
            <ChevronLeft aria-hidden size={16} /> All cgroups
          </button>
          <h2 className="font-mono text-14 font-semibold wrap-anywhere">{name}</h2>
          {cgroup !== undefined && (
            <div className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-1">
              <OwnerChip owner={cgroup.owner} />
              <CgroupState cgroup={cgroup} />
              <span className="text-12 text-ink-3">in {cgroup.hierarchies.join(' · ')}</span>
            </div>
          )}
        </div>
        {cgroup !== undefined && <CgroupActions cgroup={cgroup} />}
        <button
          type="button"
          aria-label="Close"
          onClick={close}
          className="rounded p-1 text-ink-3 hover:bg-hover hover:text-ink max-lg:hidden"
        >
          <X aria-hidden size={18} />
        </button>
      </header>
      <div className="flex flex-col gap-4 px-4 pb-8">
        {cgroup === undefined ? (
          <Note>There is no cgroup at this path, or not any more.</Note>
        ) : (
          <>
            {cgroup.guarded !== null && <Note>It can be neither frozen nor killed from here: {cgroup.guarded}.</Note>}
            <OwnPage cgroup={cgroup} />
          </>
        )}
        <LazyCharts
          of={{
            target: { kind: 'cgroup', path },
            apart: true,
            limits: NO_LIMITS,
            spans: NO_SPANS,
            incidents: NO_INCIDENTS,
            alive: cgroup !== undefined,
            startedAt: null,
            endedAt: null,
            absent: 'There are no readings of it.',
          }}
        />
        {cgroup !== undefined && <CgroupDetails cgroup={cgroup} />}
      </div>
    </section>
  );
}

const NO_LIMITS = {};
const NO_SPANS: [] = [];
const NO_INCIDENTS: [] = [];

function Note({ children }: { children: ReactNode }) {
  return <p className="card px-4 py-3 text-13 text-ink-2">{children}</p>;
}
