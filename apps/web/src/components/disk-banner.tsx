'use client';

import { alertInWords, type Alert } from '@plimsoll/protocol';
import Link from 'next/link';
import { useChanges, useLive } from './live-provider.tsx';

/** A strip on every page for as long as a file system that Plimsoll writes to has little left. */
export function DiskBanner() {
  const live = useLive();
  useChanges(live?.alerts.notifier);
  const alerts = live?.alerts.disks() ?? [];
  return (
    <div role="status" aria-label="File systems" className="flex-none">
      {alerts.map((alert) => (
        <Strip key={alert.id} alert={alert} />
      ))}
    </div>
  );
}

function Strip({ alert }: { alert: Alert }) {
  return (
    <p className="border-b border-line bg-failed-tint px-4 py-1.5 text-13 text-failed wrap-anywhere">
      <span className="font-medium">{alert.subject.id}</span> – {alertInWords(alert)}.{' '}
      <Link href="/host" className="font-medium underline">
        Host
      </Link>
    </p>
  );
}
