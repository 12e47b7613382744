'use client';

import { useRef, useState, type PointerEvent, type ReactNode } from 'react';

interface BrushProps {
  /** What the plot's width stands for, ms since 1970. */
  from: number;
  to: number;
  /** Of the plot within this: what is left and right of it, in pixels. */
  left: number;
  right: number;
  select: (from: number, to: number) => void;
  children: ReactNode;
}

/** Less than this is a click. */
const LEAST_PIXELS = 6;

/** A span of time chosen by dragging over a chart. */
export function Brush({ from, to, left, right, select, children }: BrushProps) {
  const area = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<{ begin: number; end: number } | null>(null);
  const within = ({ clientX }: PointerEvent) => {
    const box = area.current?.getBoundingClientRect() ?? new DOMRect();
    return Math.min(box.width - right, Math.max(left, clientX - box.left));
  };
  const timeAt = (x: number) => {
    const width = (area.current?.clientWidth ?? 0) - left - right;
    return from + ((x - left) / width) * (to - from);
  };
  const release = () => {
    if (drag !== null && Math.abs(drag.end - drag.begin) >= LEAST_PIXELS) select(timeAt(drag.begin), timeAt(drag.end));
    setDrag(null);
  };
  return (
    <div
      ref={area}
      data-brush
      className="relative cursor-crosshair touch-pan-y select-none"
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag({ begin: within(event), end: within(event) });
      }}
      onPointerMove={(event) => drag !== null && setDrag({ ...drag, end: within(event) })}
      onPointerUp={release}
      onPointerCancel={() => setDrag(null)}
    >
      {children}
      {drag !== null && Math.abs(drag.end - drag.begin) >= LEAST_PIXELS && (
        <div
          aria-hidden
          className="pointer-events-none absolute inset-y-3 border-x border-accent bg-accent/15"
          style={{ left: Math.min(drag.begin, drag.end), width: Math.abs(drag.end - drag.begin) }}
        />
      )}
    </div>
  );
}
