import { expect, test } from 'vitest';
import { ordinaryCertificate } from '../../test/document-content.ts';
import { renderCertificate } from './certificate.ts';
import { openTypesetter, TypesetterBusy } from './typesetter.ts';

test('more documents than may wait are refused at once, those that wait are set', async () => {
  await using typesetter = openTypesetter({ waitingLimit: 2 });
  const asked = Array.from({ length: 4 }, () => renderCertificate(typesetter.typeset, ordinaryCertificate));
  const ends = await Promise.allSettled(asked);
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
  expect(ends[2]).toMatchObject({ reason: expect.any(TypesetterBusy) });
  await expect(renderCertificate(typesetter.typeset, ordinaryCertificate)).resolves.toBeDefined();
});

test('closing finishes what was taken in, and takes nothing more', async () => {
  const typesetter = openTypesetter();
  const accepted = renderCertificate(typesetter.typeset, ordinaryCertificate);
  const closed = typesetter.close();
  await expect(renderCertificate(typesetter.typeset, ordinaryCertificate)).rejects.toThrow('closed');
  await expect(accepted).resolves.toBeDefined();
  await closed;
  await typesetter.close();
});

test('what can not be set says why without the data, and the next document is set', async () => {
  await using typesetter = openTypesetter();
  const employer = { ...ordinaryCertificate.employer, nameFr: 'Secret 漢 Secret' };
  const failed = await renderCertificate(typesetter.typeset, { ...ordinaryCertificate, employer }).catch(String);
  expect(failed).toMatch(/could not be typeset: .*the text …/);
  expect(failed).not.toMatch(/Secret|漢/);
  await expect(renderCertificate(typesetter.typeset, ordinaryCertificate)).resolves.toBeDefined();
});

test('a document that the thread can not even be handed fails by itself', async () => {
  await using typesetter = openTypesetter();
  const broken = { template: 'certificate', token: 'a.b.c', data: { employer: () => 'not data' } } as const;
  await expect(typesetter.typeset(broken)).rejects.toThrow();
  await expect(renderCertificate(typesetter.typeset, ordinaryCertificate)).resolves.toBeDefined();
});
