/**
 * An error as a log may have it: names, codes and places, never its text, since a database's message quotes the values
 * that it met.
 */
export type Fault = {
  name: string;
  /** SQLSTATE, or Node's own code. */
  code?: string;
  /** PostgreSQL's. */
  severity?: string;
  /** The name of the constraint that refused the row. */
  constraint?: string;
  /** "function (file:line:column)", innermost first. */
  frames: string[];
  causes?: Fault[];
};

const frame =
  /^ {4}at ((?:async )?(?:new )?[\w$.<>[\] ]{0,120}\(?(?:node:|file:\/\/|\/|[A-Z]:\\)[^()\s]{0,300}:\d+:\d+\)?)$/;

/** Takes from an error what can hold no name, RIB, token or secret. Errors that it was made from come with it. */
export function withoutValues(error: unknown, depth = 0): Fault {
  if (!(error instanceof Error)) return { name: typeof error, frames: [] };
  const known = {
    ...word(error, 'code', /^[A-Za-z0-9_]{1,64}$/),
    ...word(error, 'severity', /^[A-Z]{1,20}$/),
    ...word(error, 'constraint', /^[a-z0-9_]{1,63}$/),
  };
  const causes = depth < 3 ? causesOf(error).map((cause) => withoutValues(cause, depth + 1)) : [];
  return {
    name: /^[A-Za-z]{1,64}$/.test(error.name) ? error.name : 'Error',
    ...known,
    frames: framesOf(error),
    ...(causes.length > 0 ? { causes } : {}),
  };
}

function causesOf(error: Error): unknown[] {
  const together: unknown[] = error instanceof AggregateError ? error.errors.slice(0, 3) : [];
  return error.cause === undefined ? together : [error.cause, ...together];
}

/** A stack begins with the message, whose own lines could look like frames: it is cut off first. */
function framesOf({ stack = '', message }: Error): string[] {
  const position = stack.indexOf(message);
  const places = position < 0 ? stack : stack.slice(position + message.length);
  return places
    .split('\n')
    .flatMap((line) => frame.exec(line)?.[1] ?? [])
    .slice(0, 12);
}

function word(error: Error, name: 'code' | 'severity' | 'constraint', shape: RegExp): Partial<Fault> {
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' && shape.test(value) ? { [name]: value } : {};
}
