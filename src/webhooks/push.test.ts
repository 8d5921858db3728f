import { BlockList } from 'node:net';
import { expect, test } from 'vitest';
import { cnas } from '../../test/bank.ts';
import { openReceiver, status } from '../../test/webhook-receiver.ts';
import type { Jws } from '../values/ids.ts';
import { mayBePushedTo, parseNetworks } from './addresses.ts';
import { openPusher, type PusherSettings } from './push.ts';
import { pushLimits, waitAfter } from './schedule.ts';
import { parseWebhookUrl, readAuthorities } from './webhook.ts';

const token = 'eyJh.eyJzIjoxfQ.c2ln' as Jws;
const none = new BlockList();
const loopback = parseNetworks('127.0.0.0/8,::1/128') ?? none;
const urlOf = (text: string) => parseWebhookUrl(text) ?? expect.fail(text);

const pusher = (settings: Partial<PusherSettings> = {}) =>
  openPusher({ answerSeconds: 5, connections: 4, allowed: loopback, ...settings });

test('a push is received where the answer is any 2xx, and at no other', async () => {
  await using receiver = await openReceiver();
  using open = pusher();
  const address = { creditor: cnas, url: urlOf(receiver.url), authorities: receiver.authority.pem };
  const answers: unknown[] = [];
  for (const code of [200, 204, 299, 302, 400, 410, 500, 503]) {
    receiver.answerWith(status(code, { location: receiver.url }));
    answers.push(Object.values(await open.push(address, token)).join(' '));
  }
  expect(answers).toEqual([
    ...['true 200', 'true 204', 'true 299'],
    ...['false 302', 'false 400', 'false 410', 'false 500', 'false 503'],
  ]);
  // Eight pushes: the redirection was not followed.
  expect(receiver.pushed).toHaveLength(8);
  expect(receiver.pushed[0]).toMatchObject({ token, headers: { 'content-type': 'application/jose' } });
});

test('an answer that does not come, breaks off or never ends is none, and a large body is not read', async () => {
  await using receiver = await openReceiver();
  const address = { creditor: cnas, url: urlOf(receiver.url), authorities: receiver.authority.pem };
  using hasty = pusher({ answerSeconds: 1.5 });
  receiver.answerWith(() => undefined);
  expect(await hasty.push(address, token)).toEqual({ received: false, answer: 'timeout' });
  receiver.answerWith((_pushed, response) => void response.writeHead(200).write('begun'));
  expect(await hasty.push(address, token)).toEqual({ received: false, answer: 'timeout' });
  expect(receiver.pushed).toHaveLength(2);
  receiver.answerWith((_pushed, response) => void response.destroy());
  using open = pusher();
  expect(await open.push(address, token)).toEqual({ received: false, answer: 'connection' });
  receiver.answerWith(function flood(_pushed, response) {
    response.writeHead(200);
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    };
    response.on('drain', more);
    more();
  });
  expect(await open.push(address, token)).toEqual({ received: true, answer: '200' });
});

test('a receiver whose certificate is not of its authority, or not for its name, is not pushed to', async () => {
  await using receiver = await openReceiver();
  await using other = await openReceiver();
  using open = pusher();
  const url = urlOf(receiver.url);
  expect(await open.push({ creditor: cnas, url, authorities: other.authority.pem }, token)).toEqual({
    received: false,
    answer: 'tls',
  });
  expect(await open.push({ creditor: cnas, url, authorities: undefined }, token)).toEqual({
    received: false,
    answer: 'tls',
  });
  const named = urlOf(receiver.url.replace('localhost', 'receiver.example'));
  using elsewhere = pusher({ resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
  const wrongName = await elsewhere.push({ creditor: cnas, url: named, authorities: receiver.authority.pem }, token);
  expect(wrongName).toEqual({ received: false, answer: 'tls' });
  expect(receiver.pushed).toEqual([]);
});

test('our client certificate is presented', async () => {
  await using receiver = await openReceiver();
  const client = await receiver.authority.issue('gateway', { use: 'client' });
  using open = pusher({ clientOf: async () => client });
  await open.push({ creditor: cnas, url: urlOf(receiver.url), authorities: receiver.authority.pem }, token);
  expect(receiver.pushed.map(({ client: name }) => name)).toEqual(['gateway']);
});

test('what a name resolves to is what is connected to: it can not become a private address in between', async () => {
  await using receiver = await openReceiver();
  const address = { creditor: cnas, url: urlOf(receiver.url), authorities: receiver.authority.pem };
  // Without the setting loopback is refused, though it is there.
  using careful = pusher({ allowed: none });
  expect(await careful.push(address, token)).toEqual({ received: false, answer: 'address' });
  // Good at the first look, another at the next: each connection goes by the one look that it was judged by.
  const looks: string[] = [];
  using rebound = pusher({
    allowed: parseNetworks('127.0.0.1/32') ?? none,
    async resolve(host) {
      looks.push(host);
      return [{ address: looks.length === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }];
    },
  });
  receiver.answerWith(status(200, { connection: 'close' }));
  expect(await rebound.push(address, token)).toEqual({ received: true, answer: '200' });
  expect(await rebound.push(address, token)).toEqual({ received: false, answer: 'address' });
  expect(looks).toEqual(['localhost', 'localhost']);
  // One private address among public ones is enough.
  using mixed = pusher({
    allowed: none,
    resolve: async () => [
      { address: '93.184.215.14', family: 4 },
      { address: '10.0.0.7', family: 4 },
    ],
  });
  expect(await mixed.push(address, token)).toEqual({ received: false, answer: 'address' });
  using nowhere = pusher({
    resolve: async () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })),
  });
  expect(await nowhere.push(address, token)).toEqual({ received: false, answer: 'name' });
  expect(receiver.pushed).toHaveLength(1);
});

test('no address of this host, of a private network or with another address inside it may hold a receiver', () => {
  const refused = [
    ...['127.0.0.1', '0.0.0.0', '10.1.2.3', '172.31.255.255', '192.168.0.1', '169.254.169.254', '100.64.0.1'],
    ...['224.0.0.1', '255.255.255.255', '::1', '::', '::ffff:127.0.0.1', '::ffff:8.8.8.8', 'fe80::1', 'fd00::1'],
    ...['ff02::1', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:db8::1', '2001::1', 'not an address', ''],
  ];
  expect(refused.filter((address) => mayBePushedTo(address, none))).toEqual([]);
  const open = ['8.8.8.8', '41.200.0.1', '172.32.0.1', '2a02:26f0::1', '2606:4700::1'];
  expect(open.filter((address) => !mayBePushedTo(address, none))).toEqual([]);
  expect(mayBePushedTo('10.20.3.4', parseNetworks('10.20.0.0/16') ?? none)).toBe(true);
  expect(mayBePushedTo('10.21.3.4', parseNetworks('10.20.0.0/16') ?? none)).toBe(false);
  expect(['10.0.0.0/33', '300.0.0.0/8', 'fd00::/129', 'x/8'].map(parseNetworks)).toEqual(Array(4).fill(undefined));
});

test('an address is https on a name: no number, however it is written, no user, no fragment', () => {
  const refused = [
    ...['http://events.example/', 'https://127.0.0.1/', 'https://127.1/', 'https://0x7f000001/', 'https://2130706433/'],
    ...[
      'https://[::1]/',
      'https://user@events.example/',
      'https://user:word@events.example/',
      'https://a.example/#part',
    ],
    ...[
      'https://a.example:0/',
      'https://a.example:99999/',
      'https:///x',
      'https://a.example./',
      'https://A.example/ x',
      '',
    ],
  ];
  expect(refused.filter((text) => parseWebhookUrl(text) !== undefined)).toEqual([]);
  expect(parseWebhookUrl('https://events.cnas.example:8443/bank?of=1')).toBeDefined();
});

test('authorities are certificates of authorities, and nothing beside them', async () => {
  await using receiver = await openReceiver();
  const { pem } = receiver.authority;
  const { cert, key } = await receiver.authority.issue('leaf');
  expect(readAuthorities(pem)).toHaveLength(1);
  expect(readAuthorities(`${pem}\n${pem}`)).toHaveLength(2);
  for (const wrong of ['', 'text', cert, key, `${pem}\n${key}`, `${pem} and more`])
    expect(readAuthorities(wrong)).toBeUndefined();
});

test('the pushes of one event come ever later, over the three days of the contract, and never together', () => {
  const middle = Array.from({ length: 19 }, (_, at) => waitAfter(at + 1, 0.5));
  expect(middle.slice(0, 9)).toEqual([5, 30, 120, 600, 1800, 3600, 7200, 14_400, 21_600]);
  expect(waitAfter(1, 0)).toBe(4);
  expect(waitAfter(1, 1)).toBeCloseTo(6);
  let [sum, pushes] = [0, 1];
  while (sum + waitAfter(pushes, 0.5) <= pushLimits.giveUpSeconds) sum += waitAfter(pushes++, 0.5);
  expect(pushes).toBe(19);
});
