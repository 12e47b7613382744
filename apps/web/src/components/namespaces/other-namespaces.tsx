import type { HostNamespace } from '@plimsoll/protocol';

/** What is neither the host's nor where a container of ours has its first process. */
export function OtherNamespaces({ namespaces }: { namespaces: readonly HostNamespace[] }) {
  return (
    <section className="card overflow-x-auto" aria-label="Other namespaces of this host">
      <h2 className="border-b border-line px-4 py-2.5 text-13 font-semibold">Other namespaces of this host</h2>
      {namespaces.length === 0 ? (
        <p className="px-4 py-3 text-13 text-ink-2">There are none: every process is in the host’s, or in a container’s.</p>
      ) : (
        <table className="w-full text-left text-13">
          <thead className="text-12 text-ink-2">
            <tr className="[&>th]:border-b [&>th]:border-line [&>th]:px-4 [&>th]:py-2 [&>th]:font-normal max-md:[&>th]:px-3">
              <th>Type</th>
              <th>Inode</th>
              <th className="text-right">Processes</th>
              <th>First process</th>
              <th className="max-md:hidden">Made in</th>
            </tr>
          </thead>
          <tbody>
            {namespaces.map(({ type, inode, processes, first, containers }) => (
              <tr
                key={inode}
                className="hover:bg-hover [&>td]:border-b [&>td]:border-line [&>td]:px-4 [&>td]:py-1.5 last:[&>td]:border-b-0 max-md:[&>td]:px-3"
              >
                <td>{type}</td>
                <td className="tabular font-mono text-12 text-ink-2">{inode}</td>
                <td className="tabular text-right">{processes.toLocaleString('en')}</td>
                <td>
                  {first.name} <span className="tabular text-12 text-ink-3">{first.pid}</span>
                </td>
                <td className="text-ink-2 max-md:hidden">
                  {containers.length === 0 ? 'the host' : containers.map(({ name }) => name).join(', ')}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
