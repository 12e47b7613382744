import type { Colours } from '../components/use-colours.ts';

/** The least that fills the height where there is no limit: the noise of an idle container stays at the bottom. */
const LEAST_FULL_SCALE_CORES = 0.1;
const HEADROOM = 1.15;

export interface SparklinePicture {
  width: number;
  height: number;
  /** Cpus at equal steps, oldest first; NaN: a gap. */
  points: readonly number[];
  /** So many steps without a reading are bridged. */
  join: number;
  limit: number | undefined;
  colours: Colours;
  frozen: boolean;
}

export function drawSparkline(context: CanvasRenderingContext2D, picture: SparklinePicture): void {
  const { width, height, points, join, limit, colours, frozen } = picture;
  context.clearRect(0, 0, width, height);
  const highest = Math.max(LEAST_FULL_SCALE_CORES, ...points.filter((value) => !Number.isNaN(value)), limit ?? 0);
  const y = (value: number) => height - 0.75 - (value / (highest * HEADROOM)) * (height - 1.5);
  const x = (index: number) => (index / Math.max(1, points.length - 1)) * (width - 1.5);
  const colour = frozen ? colours.ice : colours.water;
  for (const run of unbrokenRuns(points, join)) {
    const [first = 0, last = 0] = [run[0], run.at(-1)];
    context.beginPath();
    // A lone reading is a step wide: a line of no length would not be drawn.
    if (run.length === 1) context.moveTo(x(first) - 1, y(points[first] ?? 0));
    for (const i of run) context.lineTo(x(i), y(points[i] ?? 0));
    context.strokeStyle = colour;
    context.lineWidth = 1.5;
    context.lineJoin = 'round';
    context.stroke();
    context.lineTo(x(last), height);
    context.lineTo(x(first), height);
    context.globalAlpha = 0.22;
    context.fillStyle = colour;
    context.fill();
    context.globalAlpha = 1;
  }
  if (limit === undefined) return;
  context.strokeStyle = colours.loadLine;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(0, Math.round(y(limit)) + 0.5);
  context.lineTo(width, Math.round(y(limit)) + 0.5);
  context.stroke();
  context.beginPath();
  context.arc(width - 5, Math.round(y(limit)) + 0.5, 2.25, 0, 2 * Math.PI);
  context.fillStyle = colours.surface;
  context.fill();
  context.stroke();
}

/** Indices of readings, in runs with at most `join` steps between one and the next. */
export function unbrokenRuns(points: readonly number[], join: number): number[][] {
  const runs: number[][] = [];
  points.forEach((value, i) => {
    if (Number.isNaN(value)) return;
    const run = runs.at(-1);
    if (run !== undefined && i - (run.at(-1) ?? 0) <= join) run.push(i);
    else runs.push([i]);
  });
  return runs;
}
