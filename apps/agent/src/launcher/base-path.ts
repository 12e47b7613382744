/** PLIMSOLL_BASE_PATH, below which the dashboard is: `/plimsoll`, or ''. Throws an Error with a sentence for a person. */
export function basePath(text = process.env['PLIMSOLL_BASE_PATH'] ?? ''): string {
  const path = text.replace(/\/+$/, '');
  if (path !== '' && !/^(?:\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$/.test(path)) {
    throw new Error(`PLIMSOLL_BASE_PATH is "${text}": it must be a path such as "/plimsoll", of letters, digits and ._~-`);
  }
  return path;
}
