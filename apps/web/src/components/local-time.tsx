'use client';

import { instant } from '../lib/format.ts';
import { useNow } from './use-now.ts';

/** An instant in the reader's time zone, which the server does not know. */
export function LocalTime({ at }: { at: string }) {
  const inBrowser = useNow() !== null;
  return <time dateTime={at}>{inBrowser ? instant(at) : at.slice(0, 19).replace('T', ' ')}</time>;
}
