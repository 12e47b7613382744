'use client';

import { useChanges, useLive } from '../live-provider.tsx';

const MOST = 99;

/** How many alerts nobody has seen, at the corner of an icon. */
export function AlertCount() {
  const alerts = useLive()?.alerts;
  useChanges(alerts?.notifier);
  const unseen = alerts?.unseen() ?? 0;
  if (unseen === 0) return null;
  const tone = (alerts?.firing() ?? 0) > 0 ? 'bg-failed' : 'bg-warning';
  return (
    <span
      className={`tabular absolute -top-1.5 left-2.5 min-w-4 rounded-full px-1 text-center text-[10px] leading-4 font-semibold text-ground ${tone}`}
    >
      {unseen > MOST ? `${MOST}+` : unseen}
      <span className="sr-only"> not seen yet</span>
    </span>
  );
}
