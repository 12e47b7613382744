interface SegmentsProps<Value> {
  label: string;
  options: readonly { value: Value; label: string; count?: number }[];
  value: Value;
  change: (value: Value) => void;
  small?: boolean;
}

/** One of a few, side by side. */
export function Segments<Value extends string | number>({ label, options, value, change, small = false }: SegmentsProps<Value>) {
  const size = small ? 'h-7 text-12' : 'h-8 text-13';
  return (
    <div
      role="group"
      aria-label={label}
      className={`flex max-w-full overflow-x-auto rounded-md border border-line-strong bg-surface ${size}`}
    >
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => change(option.value)}
          className="border-r border-line px-2.5 whitespace-nowrap text-ink-2 -outline-offset-2 last:border-r-0 hover:bg-hover aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-accent"
        >
          {option.label}
          {option.count !== undefined && <span className="tabular text-12 opacity-80"> {option.count}</span>}
        </button>
      ))}
    </div>
  );
}
