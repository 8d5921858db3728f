/** 96 bits of the digest: nobody makes another key that begins so. */
const leastCharacters = 16;

/**
 * Whether what somebody typed from a creditor's letter, or heard on the telephone, is that thumbprint (RFC 7638,
 * base64url): the whole of it or its beginning. Blanks that part it for reading are no part of it.
 */
export function isThumbprintGiven(typed: string, thumbprint: string): boolean {
  const given = typed.replace(/\s/g, '');
  return given.length >= leastCharacters && thumbprint.startsWith(given);
}
