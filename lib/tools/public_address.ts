/**
 * Which IP addresses belong to the public internet. What a tool asks for on behalf of a model must never reach the machine
 * it runs on, the network around it, or the metadata service of a cloud.
 *
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry
 * @module
 */

import { BlockList, isIPv4, isIPv6 } from "node:net";

/** Special purposes: this host, private use, shared, loopback, link-local, documentation, benchmarks, multicast, reserved. */
const NOT_PUBLIC_V4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const;

/** Only this part of IPv6 is handed out; within it, what carries an IPv4 address of its own choosing is left out too. */
const HANDED_OUT_V6 = ["2000::", 3] as const;
const NOT_PUBLIC_V6 = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const;

const special = new BlockList();
for (const [network, prefix] of NOT_PUBLIC_V4) special.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of NOT_PUBLIC_V6) special.addSubnet(network, prefix, "ipv6");
const handedOut = new BlockList();
handedOut.addSubnet(...HANDED_OUT_V6, "ipv6");

/**
 * Whether an address is one of the public internet.
 *
 * @param address IPv4 or IPv6 in any spelling, without brackets; anything else is not public
 */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !special.check(address, "ipv4");
  if (!isIPv6(address)) return false;
  return handedOut.check(address, "ipv6") && !special.check(address, "ipv6");
}
