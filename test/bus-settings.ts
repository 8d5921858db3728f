import path from 'node:path';

/** The settings of a gateway at a bus that keeps every promise, with the development certificates. */
export const busSettings = (busUrl: string, certificates: string) => {
  const file = (name: string) => path.join(certificates, `${name}.pem`);
  return {
    GATEWAY_CORE_BANKING: 'iso20022',
    GATEWAY_BUS_ORIGIN: busUrl,
    GATEWAY_BUS_AUTHORITIES_FILE: file('ca'),
    GATEWAY_BUS_CERTIFICATE_FILE: file('core-bank-client'),
    GATEWAY_BUS_KEY_FILE: file('core-bank-client-key'),
    GATEWAY_BUS_MEMORY: 'for-ever',
    GATEWAY_BUS_KEEPS_REFUSALS: 'yes',
    GATEWAY_BUS_HONOURS_NOT_AFTER: 'yes',
    GATEWAY_BUS_CAN_VOID: 'yes',
  };
};
