declare const brand: unique symbol;

/** A primitive that only its parser makes, so that a bare string or number can't stand in for it. */
export type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };
