'use client';

import { useEffect, useRef } from 'react';
import { drawSparkline } from '../lib/draw-sparkline.ts';
import { useLive } from './live-provider.tsx';
import { useColours } from './use-colours.ts';

const WIDTH = 120;
const HEIGHT = 24;

/** The recent past of a container's cpu, against its limit where it has one. A picture of the figure beside it: hidden from screen readers. */
export function Sparkline({ id, limit, frozen }: { id: string; limit: number | undefined; frozen: boolean }) {
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
    const draw = () => drawSparkline(context, { width: WIDTH, height: HEIGHT, ...table.sparkline(id), limit, colours, frozen });
    draw();
    return table.notifier.subscribe(draw);
  }, [colours, table, id, limit, frozen]);
  return <canvas ref={canvas} aria-hidden className="h-6 w-full max-w-[120px] min-w-0" />;
}
