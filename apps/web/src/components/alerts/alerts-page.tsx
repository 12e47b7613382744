'use client';

import type { AlertReport } from '@plimsoll/protocol';
import { CheckCheck, Plus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Button } from '../button.tsx';
import { ErrorNote } from '../error-note.tsx';
import { useConnectionState } from '../live-provider.tsx';
import { AlertRows } from './alert-rows.tsx';
import { CreateRule } from './create-rule.tsx';
import { NoRules } from './no-rules.tsx';
import { RuleTable } from './rule-table.tsx';
import { useAlertActions } from './use-alert-actions.ts';
import { useAlerts } from './use-alerts.ts';

/** What fires now, what has fired, and the rules that say when. */
export function AlertsPage({ initial }: { initial: AlertReport }) {
  const { answer, error, again } = useAlerts();
  const { rules, alerts } = answer ?? initial;
  const [creating, setCreating] = useState(false);
  const { acknowledge } = useAlertActions(again);
  const offline = useConnectionState().kind === 'offline';
  const firing = alerts.filter(({ until }) => until === null);
  const over = alerts.filter(({ until }) => until !== null);
  const hasUnseen = alerts.some(({ acknowledgedAt }) => acknowledgedAt === null);
  const rows = { acknowledge: ({ id }: { id: string }) => void acknowledge([id]) };
  return (
    <div className={`flex flex-1 flex-col gap-3 px-4 py-3 ${offline ? 'opacity-60' : ''}`}>
      <div className="flex flex-wrap items-center gap-2">
        <h1 className="mr-auto text-20 font-semibold tracking-tight">Alerts</h1>
        {hasUnseen && (
          <Button onClick={() => void acknowledge()}>
            <CheckCheck aria-hidden size={16} /> Acknowledge all
          </Button>
        )}
        <Button tone="primary" onClick={() => setCreating(true)}>
          <Plus aria-hidden size={16} /> New rule
        </Button>
      </div>
      {error !== null && <ErrorNote error={error} />}
      {firing.length > 0 && (
        <Part title={`Fires now (${firing.length})`}>
          <AlertRows alerts={firing} {...rows} />
        </Part>
      )}
      {rules.length === 0 ? (
        <NoRules />
      ) : (
        <Part title="Rules">
          <RuleTable rules={rules} changed={again} />
        </Part>
      )}
      {over.length > 0 && (
        <Part title="Has fired">
          <AlertRows alerts={over} {...rows} />
        </Part>
      )}
      <CreateRule open={creating} close={() => setCreating(false)} created={again} />
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="mt-1">
      <h2 className="mb-2 text-13 font-semibold">{title}</h2>
      {children}
    </section>
  );
}
