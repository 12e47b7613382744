import type { ComponentProps } from 'react';

type Tone = 'plain' | 'primary' | 'danger' | 'quiet';

const TONES: Readonly<Record<Tone, string>> = {
  plain: 'border-line-strong bg-surface text-ink enabled:hover:bg-hover',
  primary: 'border-accent bg-accent text-on-accent enabled:hover:brightness-110',
  danger: 'border-failed/50 bg-surface text-failed enabled:hover:bg-failed-tint',
  quiet: 'border-transparent text-ink-2 enabled:hover:bg-hover enabled:hover:text-ink',
};

export function buttonClass(tone: Tone = 'plain'): string {
  return `inline-flex h-8 items-center justify-center gap-1.5 rounded-md border px-3 text-13 font-medium whitespace-nowrap transition-colors duration-100 disabled:opacity-45 ${TONES[tone]}`;
}

export function Button({ tone = 'plain', className = '', ...props }: ComponentProps<'button'> & { tone?: Tone }) {
  return <button type="button" className={`${buttonClass(tone)} ${className}`} {...props} />;
}
