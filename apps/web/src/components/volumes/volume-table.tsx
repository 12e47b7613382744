'use client';

import type { VolumeView } from '@plimsoll/protocol';
import { Trash2 } from 'lucide-react';
import Link from 'next/link';
import { bytes, plural } from '../../lib/format.ts';
import { Button } from '../button.tsx';
import { useConfirm } from '../confirm.tsx';
import { useChanges, useLive } from '../live-provider.tsx';
import { LocalTime } from '../local-time.tsx';
import { useNotifyError } from '../notices.tsx';
import { Quantity } from '../quantity.tsx';

const HEAD = [
  { name: 'Name', className: '' },
  { name: 'On disk', className: 'text-right' },
  { name: 'Made', className: 'max-md:hidden' },
  { name: 'Used by', className: '' },
];

/** `changed`: called when one was removed. */
export function VolumeTable({ volumes, changed }: { volumes: readonly VolumeView[]; changed: () => void }) {
  return (
    <div className="card overflow-x-auto">
      <table className="w-full text-left text-13">
        <thead className="text-12 text-ink-2">
          <tr className="[&>th]:border-b [&>th]:border-line [&>th]:px-4 [&>th]:py-2 [&>th]:font-normal max-md:[&>th]:px-3">
            {HEAD.map(({ name, className }) => (
              <th key={name} className={className}>
                {name}
              </th>
            ))}
            <th aria-label="Actions" />
          </tr>
        </thead>
        <tbody>
          {volumes.map((volume) => (
            <Row key={volume.name} volume={volume} changed={changed} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ volume, changed }: { volume: VolumeView; changed: () => void }) {
  const remove = useRemove(volume, changed);
  const used = volume.usedBy.length > 0;
  return (
    <tr className="hover:bg-hover [&>td]:border-b [&>td]:border-line [&>td]:px-4 [&>td]:py-2 last:[&>td]:border-b-0 max-md:[&>td]:px-3">
      <td className="font-medium wrap-anywhere">
        {volume.name}
        <Labels labels={volume.labels} />
      </td>
      <td className="text-right whitespace-nowrap">
        {volume.sizeBytes === null ? (
          <span className="text-ink-3" title="It is being measured">
            …
          </span>
        ) : (
          <Quantity value={bytes(volume.sizeBytes)} />
        )}
      </td>
      <td className="whitespace-nowrap text-ink-2 max-md:hidden">
        <LocalTime at={volume.createdAt} />
      </td>
      <td className="text-ink-2">
        <Users names={volume.usedBy} />
      </td>
      <td className="text-right">
        <Button
          tone="quiet"
          aria-label={`Remove ${volume.name}`}
          title={used ? 'Containers use it' : 'Remove'}
          disabled={used}
          onClick={() => void remove()}
        >
          <Trash2 aria-hidden size={15} />
        </Button>
      </td>
    </tr>
  );
}

function Labels({ labels }: Pick<VolumeView, 'labels'>) {
  const words = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return words.length === 0 ? null : <span className="ml-2 text-12 font-normal text-ink-3">{words.join(' ')}</span>;
}

/** More than these are told in a number. */
const NAMED = 5;

function Users({ names }: { names: readonly string[] }) {
  const live = useLive();
  useChanges(live?.containers.notifier);
  if (names.length === 0) return 'none';
  if (names.length > NAMED) return <span title={names.join(', ')}>{plural(names.length, 'container')}</span>;
  const ids = new Map((live?.containers.all() ?? []).map(({ id, name }) => [name, id]));
  return (
    <span className="flex flex-wrap gap-x-3">
      {names.map((name) =>
        ids.has(name) ? (
          <Link
            key={name}
            href={`/containers/${ids.get(name)}`}
            prefetch={false}
            className="text-accent underline-offset-2 hover:underline"
          >
            {name}
          </Link>
        ) : (
          <span key={name}>{name}</span>
        ),
      )}
    </span>
  );
}

function useRemove({ name }: VolumeView, changed: () => void): () => Promise<void> {
  const live = useLive();
  const confirm = useConfirm();
  const notifyError = useNotifyError();
  return async () => {
    const description = 'All that is in it is deleted, and cannot be brought back.';
    if (live === null || !(await confirm({ title: `Remove volume ${name}?`, description, label: 'Remove' }))) return;
    try {
      await live.connection.command('volume.remove', { name });
    } catch (error) {
      notifyError(error, `Could not remove volume ${name}`);
    }
    changed();
  };
}
