import { assert, assertFalse } from "@std/assert";
import { isLoopback } from "../lib/env.ts";

Deno.test("isLoopback() knows this machine from all others", () => {
  const ours = "localhost LOCALHOST 127.0.0.1 127.255.255.254 ::1 [::1] ::ffff:127.0.0.1";
  for (const host of ours.split(" ")) assert(isLoopback(host), host);
  const others = "0.0.0.0 :: 10.0.0.1 127.0.0.256 127.0.0 127.0.0.1.evil.com xlocalhost " +
    "localhost.evil.com ::ffff:10.0.0.1 ::11";
  for (const host of ["", ...others.split(" ")]) assertFalse(isLoopback(host), host);
});
