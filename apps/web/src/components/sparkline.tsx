'use client';

import { useEffect, useRef } from 'react';
import { drawSparkline } from '../lib/draw-sparkline.ts';
import { useLive } from './live-provider.tsx';
import { useColours } from './use-colours.ts';

const WIDTH = 120;
const HEIGHT = 24;

/** The recent past of a row's cpu, against its limit where it has one. A picture of the figure beside it: hidden from screen readers. */
export function Sparkline({ row, limit, frozen }: { row: string; limit: number | undefined; frozen: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const table = useLive()?.table;
  const colours = useColours();
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || !colours || !table) return undefined;
    const scale = window.devicePixelRatio;
    context.canvas.width = WIDTH * scale;
    context.canvas.height = HEIGHT * scale;
    context.scale(scale, scale);
    const draw = () => drawSparkline(context, { width: WIDTH, height: HEIGHT, ...table.sparkline(row), limit, colours, frozen });
    draw();
    return table.notifier.subscribe(draw);
  }, [colours, table, row, limit, frozen]);
  return <canvas ref={canvas} aria-hidden className="h-6 w-full max-w-[120px] min-w-0" />;
}
