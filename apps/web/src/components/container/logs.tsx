'use client';

import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDownToLine } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { instant } from '../../lib/format.ts';
import { LogLines, type ShownLine } from '../../live/log-lines.ts';
import { useChanges, useLive } from '../live-provider.tsx';

const LINE_HEIGHT = 20;
/** Nearer to the end than this counts as being there. */
const END_SLACK = 30;

/** The last lines, following until one scrolls up. */
export function Logs({ id }: { id: string }) {
  const log = useLogLines(id);
  const lines = log?.lines ?? [];
  const scroller = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    getItemKey: (index) => lines[index]?.number ?? index,
    overscan: 20,
  });
  const newest = lines.at(-1)?.number;
  useEffect(() => {
    if (following && lines.length > 0) virtualizer.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [following, newest, lines.length, virtualizer]);

  return (
    <div className="relative">
      <div
        ref={scroller}
        role="log"
        aria-label="Log"
        // Announced line by line a busy log would never let a screen reader say anything else.
        aria-live="off"
        // What scrolls must be reachable by keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        className="h-[22rem] overflow-auto bg-ground/50 py-2 font-mono text-12 -outline-offset-2"
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          setFollowing(scrollHeight - scrollTop - clientHeight < END_SLACK);
        }}
      >
        {lines.length === 0 && <p className="px-4 py-2 font-sans text-13 text-ink-3">{emptySentence(log)}</p>}
        <div className="relative w-full" style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map(({ index, key, start }) => {
            const line = lines[index];
            return (
              <div
                key={key}
                data-index={index}
                ref={virtualizer.measureElement}
                className="absolute inset-x-0 top-0"
                style={{ transform: `translateY(${start}px)` }}
              >
                {line !== undefined && <Line line={line} />}
              </div>
            );
          })}
        </div>
      </div>
      {!following && (
        <button
          type="button"
          onClick={() => setFollowing(true)}
          className="absolute right-5 bottom-3 inline-flex items-center gap-1.5 rounded-full border border-line-strong bg-raised px-3 py-1 text-12 font-medium shadow-md hover:bg-hover"
        >
          <ArrowDownToLine aria-hidden size={14} /> Follow
        </button>
      )}
      {log?.ended && lines.length > 0 && (
        <p className="border-t border-line px-4 py-1.5 text-12 text-ink-3">End of the log: the container has ended.</p>
      )}
    </div>
  );
}

function Line({ line: { at, stream, text, gap } }: { line: ShownLine }) {
  return (
    <div className={`flex gap-3 px-4 leading-5 ${gap ? 'text-warning italic' : stream === 'stderr' ? 'text-failed' : ''}`}>
      <time dateTime={at} className="tabular flex-none text-ink-3 select-none max-md:hidden">
        {instant(at).slice(11)}
      </time>
      <span className="min-w-0 flex-1 whitespace-pre-wrap wrap-anywhere">
        {stream === 'stderr' && !gap && <span className="sr-only">standard error: </span>}
        {text === '' ? '\u00A0' : text}
      </span>
    </div>
  );
}

function useLogLines(id: string): LogLines | null {
  const connection = useLive()?.connection;
  const log = useMemo(() => (connection === undefined ? null : new LogLines(connection, id)), [connection, id]);
  useEffect(() => log?.follow(), [log]);
  useChanges(log?.notifier);
  return log;
}

function emptySentence(log: LogLines | null): string {
  if (log !== null && log.error !== null) return log.error;
  return log?.ended
    ? 'It ended without writing anything.'
    : 'Nothing written yet. What it writes to stdout and stderr appears here.';
}
