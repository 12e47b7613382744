import Link from 'next/link';
import { buttonClass } from './button.tsx';

export function NothingHere() {
  return (
    <div className="m-auto max-w-md p-8 text-center">
      <h1 className="text-16 font-semibold">There is nothing here</h1>
      <p className="mt-2 mb-4 text-ink-2">What this address names may have been removed: no id is used twice.</p>
      <Link href="/containers" className={buttonClass()}>
        All containers
      </Link>
    </div>
  );
}
