import type { Backend, Operand } from "backflow/kernels";

/** One kind of call: its name with the sizes that matter, how often, and how long in all. */
export interface KernelTime {
  readonly kernel: string;
  readonly calls: number;
  readonly ms: number;
}

/** What two calls must share to be one row of the profile. */
function labelOf(method: string, values: readonly unknown[]): string {
  if (method === "linear") return `linear ${values.slice(3).join(" · ")}`;
  if (method !== "matmul" && method !== "matmulInto") return method;
  const { batch, m, k, n, transposeA, transposeB } = values[2] as Parameters<Backend["matmul"]>[2];
  const form = `${transposeA ? "T" : "N"}${transposeB ? "T" : "N"}`;
  return `matmul ${form} ${batch > 1 ? `${batch} × ` : ""}${m} · ${k} · ${n}`;
}

/** A back end that does what another does and keeps a clock at each call. CPU only: calls return when the work is done. */
export class KernelProfile {
  readonly backend: Backend;
  readonly #rows = new Map<string, { calls: number; ms: number }>();

  constructor(inner: Backend) {
    const { sequences } = inner;
    this.backend = { ...this.#timed(inner), sequences: sequences && this.#timed(sequences) };
  }

  reset(): void {
    this.#rows.clear();
  }

  /** The longest first. */
  get rows(): KernelTime[] {
    return [...this.#rows].map(([kernel, row]) => ({ kernel, ...row })).sort((a, b) => b.ms - a.ms);
  }

  #timed<T extends object>(methods: T): T {
    const timed = Object.entries(methods).map(([name, method]) => {
      if (typeof method !== "function") return [name, method];
      const call = (...values: (Operand | number)[]): unknown => {
        const start = performance.now();
        const result = method(...values);
        this.#add(labelOf(name, values), performance.now() - start);
        return result;
      };
      return [name, call];
    });
    return Object.fromEntries(timed) as T;
  }

  #add(kernel: string, ms: number): void {
    const row = this.#rows.get(kernel);
    if (row) {
      row.calls++;
      row.ms += ms;
    } else this.#rows.set(kernel, { calls: 1, ms });
  }
}
