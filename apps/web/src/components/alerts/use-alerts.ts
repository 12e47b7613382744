'use client';

import { useEffect, useState } from 'react';
import { useChanges, useLive } from '../live-provider.tsx';
import { useAnswer } from '../use-answer.ts';

/** What others do to rules, and how deliveries come out, is told by nobody. */
const AGAIN_MS = 5000;

/** Rules and alerts, asked for anew whenever an alert changes, and every so often. */
export function useAlerts(): ReturnType<typeof useAnswer<'alert.list'>> {
  const version = useChanges(useLive()?.alerts.notifier);
  const [times, setTimes] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => document.hidden || setTimes((before) => before + 1), AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  return useAnswer('alert.list', {}, `${version} ${times}`);
}
