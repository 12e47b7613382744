/** What was filled in cannot be read: a sentence that says why. */
export class FieldError extends Error {
  override readonly name = 'FieldError';
}
