'use client';

import { useEffect, useRef } from 'react';
import { drawSparkline } from '../lib/draw-sparkline.ts';
import { useChanges, useLive } from './live-provider.tsx';
import { useColours } from './use-colours.ts';

const WIDTH = 120;
const HEIGHT = 24;

/** The last ten minutes of a container's cpu, against its limit where it has one. A picture of the figure beside it: hidden from screen readers. */
export function Sparkline({ id, limit, frozen }: { id: string; limit: number | undefined; frozen: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const table = useLive()?.table;
  const version = useChanges(table?.notifier);
  const colours = useColours();
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || !colours || !table) return;
    const scale = window.devicePixelRatio;
    context.canvas.width = WIDTH * scale;
    context.canvas.height = HEIGHT * scale;
    context.scale(scale, scale);
    drawSparkline(context, { width: WIDTH, height: HEIGHT, points: table.sparkline(id), limit, colours, frozen });
  }, [version, colours, table, id, limit, frozen]);
  return <canvas ref={canvas} aria-hidden className="h-6 w-full max-w-[120px] min-w-0" />;
}
