'use client';

import { alertInWords, type Alert } from '@plimsoll/protocol';
import Link from 'next/link';
import { useEffect } from 'react';
import { useLive } from '../live-provider.tsx';
import { useNotify } from '../notices.tsx';

/** Tells of an alert on whatever page one is. */
export function AlertNotices() {
  const live = useLive();
  const notify = useNotify();
  useEffect(
    () =>
      live?.alerts.onNew((alert) =>
        notify({
          id: alert.id,
          title: <Title alert={alert} />,
          description: (
            <>
              {alert.subject.name ?? alert.subject.id ?? alert.subject.kind}: {alertInWords(alert)}
            </>
          ),
          tone: alert.until === null ? 'failed' : 'amber',
        }),
      ),
    [live, notify],
  );
  return null;
}

function Title({ alert }: { alert: Alert }) {
  return (
    <>
      Alert:{' '}
      <Link href="/alerts" className="underline-offset-2 hover:underline">
        {alert.ruleName}
      </Link>
    </>
  );
}
