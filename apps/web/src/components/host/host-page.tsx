import type { HostReport } from '@plimsoll/protocol';
import { bytes, cpuCount, inWords } from '@plimsoll/protocol/quantities';
import type { ReactNode } from 'react';
import { LocalTime } from '../local-time.tsx';
import { Disks } from './disks.tsx';
import { Features } from './features.tsx';

const LAYOUTS: Readonly<Record<HostReport['cgroupLayout'], string>> = {
  v2: 'v2: one tree holds every controller.',
  hybrid: 'hybrid: controllers are in v1 trees of their own; freezing and killing use the v2 tree beside them.',
  v1: 'v1: every controller has a tree of its own.',
};

export function HostPage({ report }: { report: HostReport }) {
  const sections = [
    { title: 'Controllers', features: report.controllers },
    { title: 'Namespaces', features: report.namespaces },
    { title: 'Security', features: report.security },
    { title: 'Kernel', features: report.kernelFeatures },
  ];
  const missing = sections.flatMap(({ features }) => features).filter(({ available }) => !available);
  return (
    <div className="flex flex-col gap-4 px-4 py-3">
      <h1 className="text-20 font-semibold tracking-tight">Host</h1>
      <dl className="card grid gap-x-8 gap-y-3 p-4 text-13 sm:grid-cols-2 xl:grid-cols-4">
        <Fact label="Name">{report.hostname}</Fact>
        <Fact label="Id">
          <code className="font-mono text-12 wrap-anywhere">{report.hostId}</code>
        </Fact>
        <Fact label="Kernel">
          {report.kernel} ({report.arch})
        </Fact>
        <Fact label="Size">
          {inWords(cpuCount(report.cpus))}, {inWords(bytes(report.memoryBytes))}
        </Fact>
        <Fact label="Up since">
          <LocalTime at={report.bootedAt} />
        </Fact>
        <Fact label="Cgroups" wide>
          {LAYOUTS[report.cgroupLayout]} <span className="text-ink-3">Root:</span>{' '}
          <code className="font-mono text-12">{report.cgroupRoot}</code>
        </Fact>
        <Fact label="State">
          <code className="font-mono text-12 wrap-anywhere">{report.stateRoot}</code>
        </Fact>
        <Fact label="Plimsoll">
          {report.version},{' '}
          <span className="tabular">
            agent {report.agentPid}, supervisor {report.supervisorPid}
          </span>
        </Fact>
      </dl>
      <Disks disks={report.disks} />
      {missing.length > 0 && <Features title="Missing here" features={missing} />}
      <div className="grid items-start gap-4 lg:grid-cols-2">
        {sections.map(({ title, features }) => (
          <Features key={title} title={title} features={features} />
        ))}
      </div>
    </div>
  );
}

function Fact({ label, wide = false, children }: { label: string; wide?: boolean; children: ReactNode }) {
  return (
    <div className={`min-w-0 ${wide ? 'sm:col-span-2' : ''}`}>
      <dt className="text-12 text-ink-3">{label}</dt>
      <dd className="wrap-anywhere">{children}</dd>
    </div>
  );
}
