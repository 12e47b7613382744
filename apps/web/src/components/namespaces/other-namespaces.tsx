import type { HostNamespace } from '@plimsoll/protocol';
import { byFirstProcess } from '../../lib/by-first-process.ts';

/** What is neither the host's nor where a container of ours has its first process. */
export function OtherNamespaces({ namespaces }: { namespaces: readonly HostNamespace[] }) {
  return (
    <section className="card" aria-label="Other namespaces of this host">
      <h2 className="px-3 pt-2.5 text-13 font-semibold">Other namespaces of this host</h2>
      {namespaces.length === 0 ? (
        <p className="px-3 py-2.5 text-13 text-ink-2">There are none: every process is in the host’s, or in a container’s.</p>
      ) : (
        <table className="w-full text-left text-13">
          <caption className="px-3 pb-1.5 text-left text-12 text-ink-3">
            Each beside the process with the lowest pid that is in it.
          </caption>
          <thead className="text-12 text-ink-2">
            <tr className="[&>th]:border-y [&>th]:border-line [&>th]:px-3 [&>th]:py-2 [&>th]:font-normal">
              <th className="w-44 max-md:w-28">First process</th>
              <th>Namespaces</th>
              <th className="w-28 max-md:hidden">Made in</th>
            </tr>
          </thead>
          <tbody>
            {byFirstProcess(namespaces).map(({ first, madeIn, namespaces: own }) => (
              <tr
                key={first.pid}
                className="align-baseline hover:bg-hover [&>*]:border-b [&>*]:border-line [&>*]:px-3 [&>*]:py-1.5 last:[&>*]:border-b-0"
              >
                <th className="font-normal wrap-anywhere">
                  {first.name} <span className="tabular text-12 text-ink-3">{first.pid}</span>
                </th>
                <td>
                  <ul className="flex flex-wrap gap-x-4 gap-y-0.5">
                    {own.map((namespace) => (
                      <One key={namespace.inode} namespace={namespace} />
                    ))}
                  </ul>
                </td>
                <td className="text-ink-2 max-md:hidden">{madeIn.length === 0 ? 'the host' : madeIn.join(', ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function One({ namespace: { type, inode, processes } }: { namespace: HostNamespace }) {
  return (
    <li className="whitespace-nowrap">
      {type} <span className="tabular font-mono text-12 text-ink-2">{inode}</span>
      {processes > 1 && <span className="tabular text-12 text-ink-3"> {processes.toLocaleString('en')} processes</span>}
    </li>
  );
}
