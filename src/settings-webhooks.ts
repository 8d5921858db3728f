import { text } from './settings-shapes.ts';

/** Where events may be pushed, and with which certificate of ours. */
export type WebhookSettings = {
  webhookPrivateNetworks: string;
  webhookCertificateFile?: string;
  webhookKeyFile?: string;
  webhookCertificateFolder?: string;
};

export const webhookSettings = {
  webhookPrivateNetworks: {
    type: 'string',
    pattern: '^([0-9a-fA-F.:]+/[0-9]{1,3}(,[0-9a-fA-F.:]+/[0-9]{1,3})*)?$',
    maxLength: 1000,
    default: '',
    description: 'Networks that are not public and may hold a webhook, by comma, as `10.20.0.0/16`',
  },
  webhookCertificateFile: {
    ...text('Client certificate that is presented to webhooks, with its chain, PEM'),
    nullable: true,
  },
  webhookKeyFile: { ...text('Its private key, PEM, readable by the gateway alone'), nullable: true },
  webhookCertificateFolder: {
    ...text("Those for one creditor's receiver each, `CODE.pem` and `CODE-key.pem`: the one above is for the others"),
    nullable: true,
  },
} as const;
