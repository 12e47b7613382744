'use client';

import type { KernelAnswer } from '@plimsoll/protocol';
import { Plus, X } from 'lucide-react';
import { IO_RATES, NO_DISK, type DiskTexts } from '../../lib/limit-texts.ts';
import { Button } from '../button.tsx';
import { CONTROL } from '../field.tsx';
import { KernelSays } from './kernel-says.tsx';

interface DiskLimitsProps {
  disks: readonly DiskTexts[];
  edit: (disks: readonly DiskTexts[]) => void;
  error: string | undefined;
  /** Why this host cannot limit disks. */
  missing: string | undefined;
  answers: readonly KernelAnswer[];
}

/** What may be read from and written to each disk. */
export function DiskLimits({ disks, edit, error, missing, answers }: DiskLimitsProps) {
  const change = (at: number, part: Partial<DiskTexts>) => edit(disks.map((disk, i) => (i === at ? { ...disk, ...part } : disk)));
  return (
    <fieldset className="col-span-full min-w-0" disabled={missing !== undefined}>
      <legend className="mb-1 text-13 font-medium">Disks</legend>
      {disks.map((disk, at) => (
        // A disk has no name before it is typed: its place is what it is.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={at} className="mb-2 grid grid-cols-2 gap-2 sm:grid-cols-3 lg:grid-cols-[1.4fr_repeat(4,1fr)_auto]">
          <input
            aria-label={`Disk ${at + 1}`}
            className={`${CONTROL} font-mono text-13`}
            value={disk.device}
            placeholder="/dev/sda or 8:0"
            onChange={({ target }) => change(at, { device: target.value })}
            autoComplete="off"
            spellCheck={false}
          />
          {IO_RATES.map(({ name, label, placeholder }) => (
            <label key={name} className="block">
              <span className="sr-only">{`Disk ${at + 1}: ${label}`}</span>
              <input
                className={CONTROL}
                value={disk[name]}
                placeholder={`${label.toLowerCase().replace(' per second', '/s')}: ${placeholder}`}
                onChange={({ target }) => change(at, { [name]: target.value })}
                autoComplete="off"
                spellCheck={false}
              />
            </label>
          ))}
          <Button
            tone="quiet"
            aria-label={`Take away disk ${at + 1}`}
            title="Take away"
            onClick={() => edit(disks.filter((_, i) => i !== at))}
          >
            <X aria-hidden size={15} />
          </Button>
        </div>
      ))}
      {error !== undefined && (
        <p role="alert" className="mb-2 text-12 text-failed">
          {error}
        </p>
      )}
      <div className="mb-2 text-12">
        <KernelSays answers={answers} />
      </div>
      <div className="flex flex-wrap items-center gap-3">
        <Button onClick={() => edit([...disks, NO_DISK])}>
          <Plus aria-hidden size={15} /> Limit a disk
        </Button>
        <span className="text-12 text-ink-3">
          {missing ?? 'Bytes such as 10m, or operations, in each second; empty is unlimited.'}
        </span>
      </div>
    </fieldset>
  );
}
