'use client';

import { LoaderCircle, type LucideIcon } from 'lucide-react';
import type { ComponentProps } from 'react';
import { Button } from './button.tsx';
import { useChanges, useLive } from './live-provider.tsx';

interface ActionProps {
  label: string;
  icon: LucideIcon;
  danger?: boolean;
  busy?: boolean;
  disabled?: boolean;
  title?: string | undefined;
  /** Zero where the row that it is in has the focus, or may get it. */
  tabIndex?: number;
  act: () => void;
}

/** An action in words; pending until the agent has answered. */
export function ActionButton(props: ActionProps) {
  const { label, icon, danger = false, busy = false } = props;
  return (
    <Button tone={danger ? 'danger' : 'plain'} className="aria-disabled:opacity-60" {...behaviour(props)}>
      <ActionIcon icon={icon} size={15} busy={busy} />
      {label}
    </Button>
  );
}

/** The same as an icon, for rows. */
export function ActionIconButton(props: ActionProps) {
  const { label, icon, danger = false, busy = false, title = label } = props;
  return (
    <button
      type="button"
      aria-label={label}
      {...behaviour(props)}
      title={title}
      className={`flex size-7 items-center justify-center rounded-md text-ink-2 hover:bg-ground aria-disabled:opacity-60 ${
        danger ? 'hover:text-failed' : 'hover:text-accent'
      }`}
    >
      <ActionIcon icon={icon} size={16} busy={busy} />
    </button>
  );
}

/** Not `disabled` while it is busy, which would take the focus away from under the keyboard. */
function behaviour({ busy = false, disabled = false, title, tabIndex, act }: ActionProps): ComponentProps<'button'> {
  return {
    'aria-busy': busy,
    'aria-disabled': busy || disabled,
    ...(title !== undefined && { title }),
    ...(tabIndex !== undefined && { tabIndex }),
    onClick: () => {
      if (!busy && !disabled) act();
    },
  };
}

function ActionIcon({ icon, size, busy }: { icon: LucideIcon; size: number; busy: boolean }) {
  const Icon = busy ? LoaderCircle : icon;
  return <Icon aria-hidden size={size} className={busy ? 'motion-safe:animate-spin' : ''} />;
}

/** Whether the agent has yet to answer an action. */
export function usePending(): (target: string, action: string) => boolean {
  const pending = useLive()?.pending;
  useChanges(pending?.notifier);
  return (target, action) => pending?.has(target, action) ?? false;
}
