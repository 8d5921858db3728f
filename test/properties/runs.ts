/** How often a property is tried: GATEWAY_TESTS_RUNS times as often as in CI. */
export const runs = (inCi: number): number => inCi * Number(process.env.GATEWAY_TESTS_RUNS ?? 1);
