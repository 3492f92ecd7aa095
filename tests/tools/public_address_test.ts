import { assertEquals } from "@std/assert";
import { isPublicAddress } from "../../lib/tools/public_address.ts";

Deno.test("isPublicAddress() takes addresses of the public internet", () => {
  const open = [
    "8.8.8.8",
    "1.1.1.1",
    "93.184.215.14",
    "172.32.0.1",
    "2606:4700::1111",
    "2a00:1450::1",
  ];
  assertEquals(open.filter((address) => !isPublicAddress(address)), []);
});

Deno.test("isPublicAddress() refuses private, special and embedded addresses in all spellings [A08]", () => {
  const closed = [
    ...["127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255"],
    ...["192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1"],
    ...["198.51.100.7", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.88.99.1"],
    ...["::", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:8.8.8.8"],
    ...["::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "fc00::1", "fd12:3456::1", "fe80::1"],
    ...["fec0::1", "ff02::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "100::1"],
    ...["fe80::1%eth0", "", "localhost", "0x7f000001", "2130706433", "127.1", "017700000001"],
  ];
  assertEquals(closed.filter(isPublicAddress), []);
});
