/**
 * Moves this process's own clock by so many seconds, as a host's that was set wrong: only what is measured by the
 * monotonic clock goes on as before.
 */
export function moveClock(seconds: number): void {
  globalThis.Date = movedBy(Math.round(seconds * 1000));
}

const TrueDate = Date;

const movedBy = (milliseconds: number): DateConstructor =>
  new Proxy(TrueDate, {
    construct: (target, given: [], asked) =>
      Reflect.construct(target, given.length === 0 ? [TrueDate.now() + milliseconds] : given, asked),
    get: (target, name, receiver) =>
      name === 'now' ? () => TrueDate.now() + milliseconds : Reflect.get(target, name, receiver),
  });
