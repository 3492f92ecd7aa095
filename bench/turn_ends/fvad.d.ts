/** What the package's module offers, as far as it is used. */
export interface FvadModule {
  readonly HEAP16: Int16Array;
  _malloc(bytes: number): number;
  _fvad_new(): number;
  _fvad_set_sample_rate(handle: number, hz: number): number;
  _fvad_set_mode(handle: number, mode: number): number;
  _fvad_process(handle: number, samples: number, count: number): number;
}

/** Loads the module. */
export default function loadFvad(): Promise<FvadModule>;
