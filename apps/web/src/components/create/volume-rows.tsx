'use client';

import { Plus, X } from 'lucide-react';
import { useId, type ComponentProps } from 'react';
import type { FieldErrors } from '../../lib/create-request.ts';
import { NO_VOLUME, type VolumeTexts } from '../../lib/volume-texts.ts';
import { Button } from '../button.tsx';
import { CONTROL } from '../field.tsx';
import { VolumeNames } from './volume-names.tsx';

export interface VolumeRowsProps {
  volumes: readonly VolumeTexts[];
  edit: (volumes: readonly VolumeTexts[]) => void;
  errors: FieldErrors;
}

/** Which volumes a container has, and where. */
export function VolumeRows({ volumes, edit, errors }: VolumeRowsProps) {
  const names = useId();
  return (
    <fieldset className="col-span-full min-w-0">
      <legend className="mb-1 text-13 font-medium">Volumes</legend>
      {volumes.length > 0 && <VolumeNames id={names} />}
      {volumes.map((volume, at) => (
        // A volume may be twice in a container: its place is what it is.
        // oxlint-disable-next-line react/no-array-index-key
        <Row
          key={at}
          at={at}
          volume={volume}
          names={names}
          errors={errors}
          change={(part) => edit(volumes.map((other, i) => (i === at ? { ...other, ...part } : other)))}
          takeAway={() => edit(volumes.filter((_, i) => i !== at))}
        />
      ))}
      {errors.mounts !== undefined && (
        <p role="alert" className="mb-2 text-12 text-failed first-letter:uppercase">
          {errors.mounts}
        </p>
      )}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <Button onClick={() => edit([...volumes, NO_VOLUME])}>
          <Plus aria-hidden size={15} /> Add a volume
        </Button>
        <span className="text-12 text-ink-3">Made if it is new. Paths of the host are for root’s command line alone.</span>
      </div>
    </fieldset>
  );
}

interface RowProps {
  at: number;
  volume: VolumeTexts;
  /** Of the list of names that are suggested. */
  names: string;
  errors: FieldErrors;
  change: (part: Partial<VolumeTexts>) => void;
  takeAway: () => void;
}

function Row({ at, volume, names, errors, change, takeAway }: RowProps) {
  return (
    <div className="mb-4 grid grid-cols-[1fr_auto] items-start gap-2 sm:mb-2 sm:grid-cols-[1fr_1.6fr_auto_auto]">
      <Text
        label={`Volume ${at + 1}`}
        error={errors[`mounts.${at}.volume`]}
        list={names}
        value={volume.volume}
        placeholder="data"
        onChange={({ target }) => change({ volume: target.value })}
      />
      <Text
        className="max-sm:order-3"
        label={`Volume ${at + 1}: where in the container`}
        error={errors[`mounts.${at}.destination`]}
        value={volume.destination}
        placeholder="/var/lib/data"
        onChange={({ target }) => change({ destination: target.value })}
      />
      <label className="flex h-8 items-center gap-2 px-1 text-13 whitespace-nowrap max-sm:order-4">
        <input
          type="checkbox"
          aria-label={`Volume ${at + 1}: read-only`}
          className="size-4 accent-accent"
          checked={volume.readOnly}
          onChange={({ target }) => change({ readOnly: target.checked })}
        />
        read-only
      </label>
      <Button
        tone="quiet"
        className="max-sm:order-2 max-sm:justify-self-end"
        aria-label={`Take away volume ${at + 1}`}
        title="Take away"
        onClick={takeAway}
      >
        <X aria-hidden size={15} />
      </Button>
    </div>
  );
}

interface TextProps extends ComponentProps<'input'> {
  label: string;
  error: string | undefined;
}

function Text({ label, error, className = '', ...props }: TextProps) {
  const id = useId();
  return (
    <div className={`min-w-0 ${className}`}>
      <input
        {...props}
        aria-label={label}
        aria-invalid={error !== undefined}
        aria-describedby={error === undefined ? undefined : id}
        className={`${CONTROL} font-mono text-13`}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
      />
      {error !== undefined && (
        <p id={id} className="mt-1 text-12 text-failed wrap-anywhere">
          {error}
        </p>
      )}
    </div>
  );
}
