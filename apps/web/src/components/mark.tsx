/** The load line: a circle cut by a line, water below it. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg aria-hidden width={size} height={size} viewBox="0 0 32 32">
      <path d="M6 16a10 10 0 0 0 20 0z" fill="var(--color-water)" />
      <circle cx="16" cy="16" r="10" fill="none" stroke="currentColor" strokeWidth="2.25" />
      <path d="M1 16h30" stroke="currentColor" strokeWidth="2.25" strokeLinecap="round" />
    </svg>
  );
}
