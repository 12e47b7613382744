/** Below which the dashboard is built to be: `/plimsoll`, or ''. Next adds it to its links by itself; to all else we do. */
export const BASE_PATH = process.env['NEXT_PUBLIC_BASE_PATH'] ?? '';
