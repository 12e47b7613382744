'use client';

import type { VolumeView } from '@plimsoll/protocol';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../button.tsx';
import { ErrorNote } from '../error-note.tsx';
import { useConnectionState } from '../live-provider.tsx';
import { CreateVolume } from './create-volume.tsx';
import { NoVolumes } from './no-volumes.tsx';
import { useVolumes } from './use-volumes.ts';
import { VolumeTable } from './volume-table.tsx';

/** Files that outlive containers: how large they are, and whose. */
export function VolumesPage({ initial }: { initial: readonly VolumeView[] }) {
  const { answer, error, again } = useVolumes();
  const volumes = answer ?? initial;
  const [creating, setCreating] = useState(false);
  const offline = useConnectionState().kind === 'offline';
  return (
    <div className={`flex flex-1 flex-col gap-3 px-4 py-3 ${offline ? 'opacity-60' : ''}`}>
      <div className="flex flex-wrap items-center gap-2">
        <h1 className="mr-auto text-20 font-semibold tracking-tight">Volumes</h1>
        <Button tone="primary" onClick={() => setCreating(true)}>
          <Plus aria-hidden size={16} /> New volume
        </Button>
      </div>
      {error !== null && <ErrorNote error={error} />}
      {volumes.length === 0 ? <NoVolumes /> : <VolumeTable volumes={volumes} changed={again} />}
      <CreateVolume open={creating} close={() => setCreating(false)} created={again} />
    </div>
  );
}
