/** As staff typed it; an empty text is the same as none. */
export const requestFields = [
  'creditor',
  'employerNumber',
  'rib',
  'nameFr',
  'nameAr',
  'representativeFr',
  'representativeAr',
  'phone',
  'perDebitCeiling',
  'periodCeiling',
  'period',
  'validFrom',
  'validTo',
  'replaces',
  'replaceReason',
  'replaceRemark',
  'handOver',
] as const;
export type RequestField = (typeof requestFields)[number];
export type TypedRequest = Readonly<Partial<Record<RequestField, string | undefined>>>;
