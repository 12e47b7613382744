import type { ProcessLimit } from '@plimsoll/protocol';
import { Folded, Section } from './section.tsx';

/** What setrlimit(2) allows each of its processes. */
export function ProcessLimits({ limits }: { limits: readonly ProcessLimit[] }) {
  const set = limits.filter(({ soft, hard }) => soft !== null || hard !== null).length;
  return (
    <Section title="Limits of each process" note="rlimits; those of the container as a whole are its cgroup’s">
      <Folded summary={`${set} of ${limits.length} are set`}>
        <table className="mt-2 w-full max-w-2xl text-left">
          <thead className="text-12 text-ink-2">
            <tr className="[&>th]:py-1 [&>th]:pr-3 [&>th]:font-normal">
              <th>Limit</th>
              <th className="text-right">Soft</th>
              <th className="text-right">Hard</th>
              <th>Unit</th>
            </tr>
          </thead>
          <tbody>
            {limits.map(({ name, soft, hard, unit }) => (
              <tr key={name} className="[&>td]:py-0.5 [&>td]:pr-3">
                <td>{name.replace(/^Max /, '')}</td>
                <td className="tabular text-right">{soft ?? '∞'}</td>
                <td className="tabular text-right">{hard ?? '∞'}</td>
                <td className="text-ink-3">{unit}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Folded>
    </Section>
  );
}
