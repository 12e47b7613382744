'use client';

interface SwitchProps {
  label: string;
  checked: boolean;
  change: (checked: boolean) => void;
}

/** On or off, in force at once. */
export function Switch({ label, checked, change }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      aria-label={label}
      aria-checked={checked}
      onClick={() => change(!checked)}
      className={`relative inline-block h-5 w-9 flex-none rounded-full border align-middle transition-colors duration-100 ${
        checked ? 'border-accent bg-accent' : 'border-line-strong bg-hover'
      }`}
    >
      <span
        className={`absolute top-0.5 size-3.5 rounded-full transition-[left] duration-100 ${checked ? 'left-[1.125rem] bg-on-accent' : 'left-0.5 bg-ink-3'}`}
      />
    </button>
  );
}
