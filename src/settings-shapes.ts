/* The shapes that settings have, each with what it means: JSON schemas for ajv and for the README's table. */

export const text = (description: string) => ({ type: 'string', minLength: 1, maxLength: 500, description }) as const;

export const databaseUrl = (description: string) =>
  ({ type: 'string', nullable: true, pattern: '^postgres(ql)?://[^\\s]+$', maxLength: 2000, description }) as const;

/** An origin alone: what is behind it is ours to add. */
export const origin = (description: string) =>
  ({ type: 'string', nullable: true, pattern: '^https://[^/?#@\\s]+$', maxLength: 250, description }) as const;

export const port = (standard: number, description: string) =>
  ({ type: 'integer', minimum: 0, maximum: 65_535, default: standard, description }) as const;

export const count = (standard: number, maximum: number, description: string) =>
  ({ type: 'integer', minimum: 1, maximum, default: standard, description }) as const;

/** Parts of a second are for tests. */
export const seconds = (standard: number, maximum: number, description: string) =>
  ({ type: 'number', exclusiveMinimum: 0, maximum, default: standard, description }) as const;
