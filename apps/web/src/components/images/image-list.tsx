'use client';

import type { ImageView } from '@plimsoll/protocol';
import { bytes } from '@plimsoll/protocol/quantities';
import { Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { plural } from '../../lib/format.ts';
import { Button } from '../button.tsx';
import { LocalTime } from '../local-time.tsx';
import { PlainTable, ROW_CLASS } from '../plain-table.tsx';
import { Quantity } from '../quantity.tsx';
import { useRemoval } from '../use-removal.ts';
import { Typed } from '../typed.tsx';

const HEAD = [
  { name: 'Name', className: '' },
  { name: 'Size', className: 'text-right' },
  { name: 'Files', className: 'text-right max-md:hidden' },
  { name: 'Made', className: 'max-md:hidden' },
  { name: 'From', className: 'max-md:hidden' },
  { name: 'Used by', className: '' },
];

export function ImageList({ images }: { images: readonly ImageView[] }) {
  return (
    <div className="px-4 py-3">
      <h1 className="text-20 font-semibold tracking-tight">Images</h1>
      <div className="mt-3">
        <PlainTable head={HEAD}>
          {images.map((image) => (
            <Row key={image.name} image={image} />
          ))}
        </PlainTable>
      </div>
      <p className="mt-4 text-13 text-ink-2">
        To bring in a root file system, a tar archive or a directory, run on the host, as root:{' '}
        <code className="inline-block max-w-full overflow-x-auto rounded border border-line bg-surface px-1.5 py-0.5 font-mono text-12">
          <Typed>image import NAME PATH</Typed>
        </code>
      </p>
    </div>
  );
}

function Row({ image }: { image: ImageView }) {
  const router = useRouter();
  const description = 'Its files are deleted. Containers are not touched.';
  const remove = useRemoval({ verb: 'image.remove', what: 'image', description, removed: () => router.refresh() });
  const used = image.usedBy.length;
  return (
    <tr className={ROW_CLASS}>
      <td>
        <span className="font-medium">{image.name}</span>
        <span className="ml-2 font-mono text-12 text-ink-3 max-md:ml-0 max-md:block" title={image.digest}>
          {image.digest.replace('sha256:', '').slice(0, 12)}
        </span>
        {image.notes.map((note) => (
          <div key={note} className="mt-0.5 max-w-prose text-12 text-ink-2 wrap-anywhere">
            {note}
          </div>
        ))}
      </td>
      <td className="text-right">
        <Quantity value={bytes(image.sizeBytes)} />
      </td>
      <td className="tabular text-right max-md:hidden">{image.files.toLocaleString('en')}</td>
      <td className="whitespace-nowrap text-ink-2 max-md:hidden">
        <LocalTime at={image.createdAt} />
      </td>
      <td className="text-ink-2 wrap-anywhere max-md:hidden">{image.source}</td>
      <td className="text-ink-2" title={image.usedBy.join(', ')}>
        {used === 0 ? 'none' : plural(used, 'container')}
      </td>
      <td className="text-right">
        <Button
          tone="quiet"
          aria-label={`Remove ${image.name}`}
          title={used === 0 ? 'Remove' : 'Containers use it'}
          disabled={used > 0}
          onClick={() => void remove(image.name)}
        >
          <Trash2 aria-hidden size={15} />
        </Button>
      </td>
    </tr>
  );
}
