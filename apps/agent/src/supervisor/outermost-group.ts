/** `acme` of `acme/web/eu`: what one owner has, however many groups are made below it. */
export function outermostGroup(path: string): string {
  return path.split('/', 1)[0] ?? path;
}
