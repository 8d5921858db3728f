import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

/**
 * Networks that no receiver of a creditor's is in: this host, private and shared ones, link-local, documentation,
 * multicast, and what carries another address inside it (IANA's special-purpose registries).
 */
const special = blockListOf([
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'],
]);
/** Of IPv6 only this is given to anyone: loopback, mapped, translated, local and multicast addresses are all outside. */
const globalUnicast = blockListOf(['2000::/3']);

/** Whether a receiver may be at that address; `allowed` are private networks that the bank lets be. */
export function mayBePushedTo(address: string, allowed: BlockList): boolean {
  if (isIPv4(address)) return allowed.check(address, 'ipv4') || !special.check(address, 'ipv4');
  if (!isIPv6(address)) return false;
  if (allowed.check(address, 'ipv6')) return true;
  return globalUnicast.check(address, 'ipv6') && !special.check(address, 'ipv6');
}

/** "10.1.0.0/16,fd00::/8" as they are set; undefined where one is no network. */
export function parseNetworks(text: string): BlockList | undefined {
  const networks = text.split(',').filter((network) => network !== '');
  return networks.every(isNetwork) ? blockListOf(networks) : undefined;
}

function isNetwork(text: string): boolean {
  const [, address = '', prefix] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(text) ?? [];
  return isIP(address) !== 0 && Number(prefix) <= (isIPv4(address) ? 32 : 128);
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    list.addSubnet(address, Number(prefix), isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return list;
}
