let underWay = 0;

/** Requests that the supervisor executes now, without those that wait for something else. */
export function requestsUnderWay(): number {
  return underWay;
}

/** Counts a request until it is answered. */
export async function whileUnderWay<T>(executed: Promise<T>): Promise<T> {
  underWay++;
  try {
    return await executed;
  } finally {
    underWay--;
  }
}
