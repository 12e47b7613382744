'use client';

import type { HostCgroup, HostCgroupDetail } from '@plimsoll/protocol';
import { RefreshCw } from 'lucide-react';
import { Button } from '../button.tsx';
import { ErrorNote } from '../error-note.tsx';
import { useCgroupDetail } from './use-cgroup-detail.ts';

/** Its processes, and what its files read; asked for anew when a process more or less is in it. */
export function CgroupDetails({ cgroup }: { cgroup: HostCgroup }) {
  const { detail, error, again } = useCgroupDetail(cgroup);
  if (error !== null) return <ErrorNote error={error} />;
  return (
    <div className="flex flex-col gap-4">
      <section className="card overflow-hidden" aria-label="Processes">
        <div className="flex items-center gap-3 border-b border-line px-4 py-2">
          <h3 className="text-13 font-semibold">Processes</h3>
          <span className="tabular text-12 text-ink-3">{detail === null ? '' : `${detail.processes.length} in it itself`}</span>
          <span className="flex-1" />
          <Button tone="quiet" aria-label="Read again" title="Read again" onClick={again}>
            <RefreshCw aria-hidden size={14} />
          </Button>
        </div>
        <Processes processes={detail?.processes ?? []} />
      </section>
      <section className="card overflow-hidden" aria-label="Files">
        <h3 className="border-b border-line px-4 py-2.5 text-13 font-semibold">What its files read</h3>
        <dl className="max-h-96 overflow-auto px-4 py-2 font-mono text-12">
          {(detail?.files ?? []).map(({ file, reads }) => (
            <div key={file} className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)] gap-3 py-0.5">
              <dt className="truncate text-ink-2" title={file}>
                {file}
              </dt>
              <dd className="wrap-anywhere">{reads}</dd>
            </div>
          ))}
        </dl>
      </section>
    </div>
  );
}

function Processes({ processes }: { processes: HostCgroupDetail['processes'] }) {
  if (processes.length === 0) {
    return <p className="px-4 py-3 text-13 text-ink-2">None in itself; there may be some in the cgroups below it.</p>;
  }
  return (
    <div className="max-h-96 overflow-auto">
      <table className="w-full text-left text-13">
        <thead className="sticky top-0 bg-surface text-12 text-ink-2">
          <tr className="[&>th]:border-b [&>th]:border-line [&>th]:px-2 [&>th]:py-1.5 [&>th]:font-normal">
            <th className="pl-4! text-right">Pid</th>
            <th className="text-right">Uid</th>
            <th>Name</th>
            <th className="pr-4!">Command</th>
          </tr>
        </thead>
        <tbody>
          {processes.map(({ pid, uid, name, command }) => (
            <tr key={pid} className="hover:bg-hover [&>td]:px-2 [&>td]:py-0.5">
              <td className="tabular pl-4! text-right text-ink-2">{pid}</td>
              <td className="tabular text-right text-ink-3">{uid}</td>
              <td className="whitespace-nowrap">{name}</td>
              <td className="max-w-0 truncate pr-4! font-mono text-12 text-ink-2" title={command}>
                {command}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
