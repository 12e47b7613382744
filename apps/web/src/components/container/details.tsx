import type { ContainerMount, ContainerView, FinalCounters } from '@plimsoll/protocol';
import { bytes, inWords, nanoseconds } from '@plimsoll/protocol/quantities';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { joinCommandLine } from '../../lib/command-line.ts';
import { GroupLink } from '../group-link.tsx';
import { LocalTime } from '../local-time.tsx';

export function Details({ view }: { view: ContainerView }) {
  const { env, labels, lastExit } = view;
  return (
    <div className="grid gap-x-8 gap-y-6 p-4 lg:grid-cols-2">
      <Section title="Identity">
        <Fact label="Id" mono>
          {view.id}
        </Fact>
        <Fact label="Group">
          <GroupLink path={view.group} />
        </Fact>
        <Fact label="Image">{view.image}</Fact>
        <Fact label="Created">
          <LocalTime at={view.createdAt} />
        </Fact>
        <Fact label="Starts">{view.incarnation}</Fact>
        <Fact label="When it has ended">{view.autoRemove ? 'it is removed' : 'it is kept'}</Fact>
      </Section>
      <Section title="Process">
        <Fact label="Command" mono>
          {joinCommandLine(view.command)}
        </Fact>
        <Fact label="Working directory" mono>
          {view.workdir}
        </Fact>
        <Fact label="Host name" mono>
          {view.hostname}
        </Fact>
        <Fact label="Cgroup" mono>
          {view.cgroup}
        </Fact>
        {view.mounts.length > 0 && <Mounts mounts={view.mounts} unmapped={view.unmapped} />}
        <Pairs label="Environment" values={env} />
        <Pairs label="Labels" values={labels} />
      </Section>
      {lastExit !== null && <LastExit counters={lastExit} />}
    </div>
  );
}

function LastExit({ counters }: { counters: FinalCounters }) {
  const size = (counter: string | null) => (counter === null ? 'not counted on this host' : inWords(bytes(Number(counter))));
  return (
    <Section title="Last counters of its last run">
      <Fact label="Cpu time">
        {inWords(nanoseconds(Number(counters.cpuUsageNs)))} <span className="text-ink-3">({counters.cpuUsageNs} ns)</span>
      </Fact>
      <Fact label="Memory, at most">{size(counters.memoryPeakBytes)}</Fact>
      <Fact label="Read from disks">{size(counters.ioReadBytes)}</Fact>
      <Fact label="Written to disks">{size(counters.ioWriteBytes)}</Fact>
      <Fact label="Out-of-memory kills">{counters.oomKills ?? 'not counted on this host'}</Fact>
    </Section>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h2 className="mb-2 text-13 font-semibold">{title}</h2>
      <dl className="grid grid-cols-[9rem_1fr] gap-x-4 gap-y-1 text-13">{children}</dl>
    </section>
  );
}

function Fact({ label, mono = false, children }: { label: string; mono?: boolean; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-2">{label}</dt>
      <dd className={`min-w-0 wrap-anywhere ${mono ? 'font-mono text-12 leading-5' : ''}`}>{children}</dd>
    </>
  );
}

function Mounts({ mounts, unmapped = [] }: { mounts: ContainerView['mounts']; unmapped?: string[] | undefined }) {
  return (
    <Fact label="Volumes and binds" mono>
      {mounts.map((mount) => (
        <div key={mount.destination} className="pl-4 -indent-4">
          {mount.destination}{' '}
          <span className="text-ink-2">
            {mount.kind === 'volume' ? (
              <>
                volume{' '}
                <Link href="/volumes" prefetch={false} className="text-accent underline-offset-2 hover:underline">
                  {mount.volume}
                </Link>
              </>
            ) : (
              `the host’s ${mount.source}`
            )}
            {mountOptions(mount, unmapped).map((option) => `, ${option}`)}
          </span>
        </div>
      ))}
    </Fact>
  );
}

function mountOptions(mount: ContainerMount, unmapped: readonly string[]): string[] {
  const options = mount.readOnly ? ['read-only'] : [];
  if (mount.kind === 'volume') return options;
  if (mount.propagation !== 'private') options.push(`r${mount.propagation}`);
  if (mount.idmap !== undefined) options.push(mount.idmap ? 'idmap' : 'noidmap');
  if (unmapped.includes(mount.source)) options.push('nobody’s inside, since its file system cannot show other ids');
  return options;
}

function Pairs({ label, values }: { label: string; values: Readonly<Record<string, string>> }) {
  const entries = Object.entries(values);
  if (entries.length === 0) return null;
  return (
    <Fact label={label} mono>
      {entries.map(([name, value]) => (
        <div key={name}>
          {name}=<span className="text-ink-2">{value}</span>
        </div>
      ))}
    </Fact>
  );
}
