import type { Adapter, AdapterPayload } from 'oidc-provider';

/** What the identity provider keeps, in memory: one map a provider, so that two of them in one process are apart. */
export function openProviderStore(): (kind: string) => Adapter {
  const kept = new Map<string, AdapterPayload>();
  const find = (matches: (key: string, payload: AdapterPayload) => boolean) =>
    [...kept].find(([key, payload]) => matches(key, payload))?.[1];
  return (kind) => {
    const keyOf = (id: string) => `${kind} ${id}`;
    const ofKind = (key: string) => key.startsWith(`${kind} `);
    return {
      async upsert(id, payload) {
        kept.set(keyOf(id), payload);
      },
      find: async (id) => kept.get(keyOf(id)),
      findByUid: async (uid) => find((key, payload) => ofKind(key) && payload.uid === uid),
      findByUserCode: async (code) => find((key, payload) => ofKind(key) && payload.userCode === code),
      async destroy(id) {
        kept.delete(keyOf(id));
      },
      async revokeByGrantId(grantId) {
        for (const [key, payload] of kept) if (payload.grantId === grantId) kept.delete(key);
      },
      async consume(id) {
        const payload = kept.get(keyOf(id));
        if (payload !== undefined) kept.set(keyOf(id), { ...payload, consumed: Math.floor(Date.now() / 1000) });
      },
    };
  };
}
