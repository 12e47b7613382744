/**
 * A task that is asked for more often than it can be done: while it is under way, any number of further calls make it run once
 * more when it is through. It must not reject.
 */
export function oneAtATime(task: () => Promise<void>): () => void {
  let underWay = false;
  let again = false;
  const run = (): void => {
    underWay = true;
    again = false;
    void task().then(() => {
      underWay = false;
      if (again) run();
    });
  };
  return () => {
    if (underWay) again = true;
    else run();
  };
}
