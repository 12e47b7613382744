import type { DiskReport } from '@plimsoll/protocol';
import { bytes, bytesPerSecond, inWords } from '@plimsoll/protocol/quantities';

const LEVELS: Readonly<Record<DiskReport['level'], string>> = { ok: '', low: 'nearly full', full: 'full' };

/** The file systems that Plimsoll writes to, and what fills them. */
export function Disks({ disks }: { disks: readonly DiskReport[] }) {
  if (disks.length === 0) return null;
  return (
    <section className="card" aria-label="File systems">
      <h2 className="border-b border-line px-4 py-2.5 text-13 font-semibold">File systems</h2>
      <ul>
        {disks.map((disk) => (
          <li key={disk.path} className="border-b border-line px-4 py-2 text-13 last:border-b-0">
            <p className="wrap-anywhere">
              <span className="font-medium">{disk.path}</span>{' '}
              <span className="text-ink-2">
                {disk.type}, with {disk.holds.join(', ')}:
              </span>{' '}
              <span className="tabular">
                {inWords(bytes(disk.usedBytes))} of {inWords(bytes(disk.totalBytes))} used
                {disk.inodeShare !== null && `, ${Math.floor(100 * disk.inodeShare)} % of inodes`}
              </span>
              {disk.level !== 'ok' && <span className="font-medium text-failed"> {LEVELS[disk.level]}</span>}
            </p>
            {disk.writers.length > 0 && (
              <p className="text-12 text-ink-2">
                Growing: {disk.writers.map(({ name, bytesPerS }) => `${name} ${inWords(bytesPerSecond(bytesPerS))}`).join(', ')}
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
