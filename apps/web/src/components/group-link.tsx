import Link from 'next/link';
import { urlPath } from '../lib/tree.ts';

export function GroupLink({ path }: { path: string }) {
  return (
    <Link href={`/groups/${urlPath(path)}`} prefetch={false} className="text-accent underline-offset-2 hover:underline">
      {path}
    </Link>
  );
}
