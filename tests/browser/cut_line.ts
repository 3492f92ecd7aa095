/** A network between browser and server that can be cut. */

/** Passes bytes between a port of its own and another, unless it is cut. */
export class CutLine implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #pairs = new Set<readonly [Deno.Conn, Deno.Conn]>();
  readonly #done: Promise<void>;
  #isCut = false;

  constructor(port: number) {
    this.#done = this.#accept(port);
  }

  /** Where browsers find it. */
  get url(): string {
    return `http://localhost:${this.#listener.addr.port}`;
  }

  /** Every connection breaks, new ones too. */
  cut(): void {
    this.#isCut = true;
    for (const pair of this.#pairs) for (const end of pair) end.close();
    this.#pairs.clear();
  }

  /** New connections may come. */
  mend(): void {
    this.#isCut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.cut();
    await this.#done;
  }

  async #accept(port: number): Promise<void> {
    const passing: Promise<void>[] = [];
    for await (const near of this.#listener) {
      if (this.#isCut) {
        near.close();
        continue;
      }
      const far = await Deno.connect({ hostname: "127.0.0.1", port });
      const pair = [near, far] as const;
      this.#pairs.add(pair);
      passing.push(this.#pass(pair));
    }
    await Promise.all(passing);
  }

  async #pass(pair: readonly [Deno.Conn, Deno.Conn]): Promise<void> {
    const [near, far] = pair;
    await Promise.allSettled([
      near.readable.pipeTo(far.writable),
      far.readable.pipeTo(near.writable),
    ]);
    this.#pairs.delete(pair);
  }
}
