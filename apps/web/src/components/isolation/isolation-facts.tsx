import type { ContainerIsolation, SeccompMode } from '@plimsoll/protocol';
import { Check, Minus } from 'lucide-react';
import type { ReactNode } from 'react';
import { idMapInWords, seccompInWords } from '../../lib/isolation-in-words.ts';
import { Section } from './section.tsx';

/** What else stands between the container and the host. */
export function IsolationFacts({ isolation, profile }: { isolation: ContainerIsolation; profile: SeccompMode }) {
  const { seccomp, noNewPrivileges, label, uidMap, gidMap, oomScoreAdj, umask, groups } = isolation;
  const filter = seccompInWords(seccomp, profile);
  const users = idMapInWords(uidMap);
  const sameMap = JSON.stringify(uidMap) === JSON.stringify(gidMap);
  return (
    <Section title="Walls">
      <dl className="grid grid-cols-[8.5rem_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-13 max-sm:grid-cols-1 max-sm:gap-y-0.5">
        <Fact label="Seccomp" on={seccomp.mode !== 'disabled'} title={filter.title}>
          {filter.means}
        </Fact>
        <Fact label="No new privileges" on={noNewPrivileges} title={noNewPrivileges ? 'on' : 'off'}>
          {noNewPrivileges
            ? 'No program that is executed gains by set-user-id bits or file capabilities.'
            : 'A program with a set-user-id bit or file capabilities gives them to who executes it.'}
        </Fact>
        <Fact label="Label" on={label !== null} title={label ?? 'none'}>
          {label === null ? 'No security module of this host gives labels.' : ''}
        </Fact>
        <Fact label="User ids" on={uidMap.some(({ inside, outside }) => inside !== outside)} title="">
          {sameMap ? `${users} Groups likewise.` : users}
        </Fact>
        {!sameMap && (
          <Fact label="Group ids" on={gidMap.some(({ inside, outside }) => inside !== outside)} title="">
            {idMapInWords(gidMap, 'group root')}
          </Fact>
        )}
        <Plain label="Groups">{groups.length === 0 ? 'no supplementary ones' : groups.join(', ')}</Plain>
        <Plain label="Umask">{umask}</Plain>
        <Plain label="Oom score">{oomScoreAdj === 0 ? '0, as any process' : oomScoreAdj}</Plain>
      </dl>
    </Section>
  );
}

function Fact({ label, on, title, children }: { label: string; on: boolean; title: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-2">{label}</dt>
      <dd className="flex min-w-0 gap-2 max-sm:mb-1.5">
        <span className={`mt-0.5 flex-none ${on ? 'text-running' : 'text-ink-3'}`}>
          {on ? <Check aria-hidden size={16} /> : <Minus aria-hidden size={16} />}
          <span className="sr-only">{on ? 'yes' : 'no'}</span>
        </span>
        <span className="min-w-0 wrap-anywhere">
          {title !== '' && <span className="block font-medium">{title}</span>}
          <span className="tabular block text-ink-2">{children}</span>
        </span>
      </dd>
    </>
  );
}

function Plain({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-2">{label}</dt>
      <dd className="tabular pl-6 wrap-anywhere max-sm:mb-1.5">{children}</dd>
    </>
  );
}
