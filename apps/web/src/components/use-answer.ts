'use client';

import type { CommandInput, CommandResult, PlimsollError, Verb } from '@plimsoll/protocol';
import { useEffect, useMemo, useState } from 'react';
import { oneAtATime } from '../live/one-at-a-time.ts';
import { useLive } from './live-provider.tsx';
import { knownError } from './notices.tsx';

interface Asked<V extends Verb> {
  /** The newest; an error leaves the one before it. */
  answer: CommandResult<V> | null;
  error: PlimsollError | null;
  again: () => void;
}

/**
 * What a command answers: asked for at each connect and whenever `occasion` changes, one question at a time. Null: not asked.
 * Who asks for something else does so under another key.
 */
export function useAnswer<V extends Verb>(verb: V, args: CommandInput<V>, occasion: string | null): Asked<V> {
  const connection = useLive()?.connection;
  const [answer, setAnswer] = useState<CommandResult<V> | null>(null);
  const [error, setError] = useState<PlimsollError | null>(null);
  const [asked, setAsked] = useState(0);
  const ask = useMemo(
    () =>
      connection &&
      oneAtATime(() =>
        connection.command(verb, args).then(
          (result) => {
            setAnswer(result);
            setError(null);
          },
          (cause: unknown) => setError(knownError(cause)),
        ),
      ),
    // The arguments are written down anew each time, and stay what they are.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [connection, verb],
  );
  useEffect(
    () => (ask === undefined || occasion === null ? undefined : connection?.onConnect(ask)),
    // The last is an occasion as well.
    // oxlint-disable-next-line react/exhaustive-effect-dependencies
    [connection, ask, occasion, asked],
  );
  return { answer, error, again: () => setAsked((before) => before + 1) };
}
