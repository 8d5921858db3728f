/** A UUIDv7 of an instant, told apart by a number and a purpose. */
export const uuidOf = (instant: string, salt: string) => `
  (lpad(to_hex((extract(epoch from ${instant}) * 1000)::bigint), 12, '0') || '7' || substr(md5(${salt}), 1, 3)
    || '8' || substr(md5(${salt}), 4, 15))::uuid`;

/** A debit of volume.ts by its number: its reference at the core banking system. */
export const referenceOf = (number: string) =>
  `translate(md5(${number}::text), '0123456789abcdef', 'ABCDEFGHIJKLMNOP')`;
