// deno-lint-ignore-file no-explicit-any

/** Fails unless `expr` is truthy. */
export function assert(expr: unknown, msg?: string): asserts expr;
/** Fails if `expr` is truthy. */
export function assertFalse(expr: unknown, msg?: string): asserts expr is false;
/** Fails unless both are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void;
/** Fails if both are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void;
/** Fails unless both are the same by `Object.is`. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T;
/** Fails on null and undefined. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T>;
/** Fails unless both are within `tolerance` of each other. */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  msg?: string,
): void;
/** Fails unless `actual > low`. */
export function assertGreater<T>(actual: T, low: T, msg?: string): void;
/** Fails unless `actual >= low`. */
export function assertGreaterOrEqual<T>(actual: T, low: T, msg?: string): void;
/** Fails unless `actual < high`. */
export function assertLess<T>(actual: T, high: T, msg?: string): void;
/** Fails unless `actual <= high`. */
export function assertLessOrEqual<T>(actual: T, high: T, msg?: string): void;
/** Fails unless the text contains `expected`. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void;
/** Fails unless the text matches. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void;
/** Fails if the text matches. */
export function assertNotMatch(actual: string, expected: RegExp, msg?: string): void;
/** Fails unless every expected field is there with an equal value. */
export function assertObjectMatch(
  actual: Record<PropertyKey, any>,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void;
/** Fails unless `actual` is an instance of `expected`. */
export function assertInstanceOf<T extends abstract new (...args: any[]) => any>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is InstanceType<T>;
/** Fails unless the function throws the given error, and gives it back. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  type?: abstract new (...args: any[]) => E,
  includes?: string,
  msg?: string,
): E;
/** Fails unless the promise rejects with the given error, and gives it back. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  type?: abstract new (...args: any[]) => E,
  includes?: string,
  msg?: string,
): Promise<E>;
/** Always fails. */
export function fail(msg?: string): never;
