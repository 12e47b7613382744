'use client';

import type { VolumeView } from '@plimsoll/protocol';
import { bytes } from '@plimsoll/protocol/quantities';
import { Trash2 } from 'lucide-react';
import Link from 'next/link';
import { Button } from '../button.tsx';
import { useChanges, useLive } from '../live-provider.tsx';
import { LocalTime } from '../local-time.tsx';
import { PlainTable, ROW_CLASS } from '../plain-table.tsx';
import { Quantity } from '../quantity.tsx';
import { useRemoval } from '../use-removal.ts';

const HEAD = [
  { name: 'Name', className: '' },
  { name: 'On disk', className: 'text-right' },
  { name: 'Made', className: 'max-md:hidden' },
  { name: 'Used by', className: '' },
];

/** `changed`: called when one was removed. */
export function VolumeTable({ volumes, changed }: { volumes: readonly VolumeView[]; changed: () => void }) {
  return (
    <PlainTable head={HEAD}>
      {volumes.map((volume) => (
        <Row key={volume.name} volume={volume} changed={changed} />
      ))}
    </PlainTable>
  );
}

function Row({ volume, changed }: { volume: VolumeView; changed: () => void }) {
  const description = 'All that is in it is deleted, and cannot be brought back.';
  const remove = useRemoval({ verb: 'volume.remove', what: 'volume', description, removed: changed });
  const used = volume.usedBy.length > 0;
  return (
    <tr className={ROW_CLASS}>
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
          className="max-md:-mx-3"
          aria-label={`Remove ${volume.name}`}
          title={used ? 'Containers use it' : 'Remove'}
          disabled={used}
          onClick={() => void remove(volume.name)}
        >
          <Trash2 aria-hidden size={15} />
        </Button>
      </td>
    </tr>
  );
}

function Labels({ labels }: Pick<VolumeView, 'labels'>) {
  const words = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return words.length === 0 ? null : (
    <span className="ml-2 text-12 font-normal text-ink-3 max-md:ml-0 max-md:block">{words.join(' ')}</span>
  );
}

/** Those beyond are told in a number. */
const NAMED = 5;

function Users({ names }: { names: readonly string[] }) {
  const live = useLive();
  useChanges(live?.containers.notifier);
  if (names.length === 0) return 'none';
  const ids = new Map((live?.containers.all() ?? []).map(({ id, name }) => [name, id]));
  return (
    <span className="flex flex-wrap gap-x-3">
      {names.slice(0, NAMED).map((name) =>
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
      {names.length > NAMED && <span title={names.slice(NAMED).join(', ')}>and {names.length - NAMED} more</span>}
    </span>
  );
}
