/** The fault of a step at which the process ends. */
export class Killed extends Error {}

/** A step that never gets further: what follows on it finds what was done before. */
export const killed = async (): Promise<never> => Promise.reject(new Killed('the process ends here'));
