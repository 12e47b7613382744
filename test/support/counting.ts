import { expect } from 'vitest';
import { until } from './until.ts';
import type { World } from './world.ts';

/** A command that numbers lines without an end, as fast as one a few milliseconds. */
export const COUNTING = ['/bin/sh', '-c', 'i=0; while :; do echo $i; i=$((i+1)); sleep 0.01; done'];

/** The numbers in its log, in order. */
export function counted(world: World, id: string): number[] {
  const lines = world.log(id).trim().split('\n').filter(Boolean);
  return lines.map((line) => Number(line.split(' ').at(-1)));
}

export async function untilLogged(world: World, id: string, number: number): Promise<void> {
  await until(`${number} is in the log`, () => counted(world, id).some((one) => one >= number));
}

/** None is missing, none is there twice. */
export function expectComplete(numbers: number[]): void {
  expect(numbers).toEqual(numbers.map((_, i) => i));
}
