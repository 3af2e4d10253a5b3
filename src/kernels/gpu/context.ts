/**
 * The one place that knows gpu.js: picks the mode it runs in, keeps its compiled kernels, launches them.
 *
 * A kernel takes its sizes as arguments (`dynamicOutput`, `dynamicArguments`), so that one program serves every size.
 * gpu.js's WebAssembly mode is the exception: it writes sizes into the program and keeps its own bounded cache of them.
 */
import { DeviceError } from "../../errors.js";
import { type DeviceArray, type DeviceMemory, hostMemory } from "./device-memory.js";
import { quotient, remainder } from "./indexing.js";
import {
  type ArgumentKind,
  type DeviceFunction,
  deviceName,
  type Kernel,
  kernel,
  reachable,
  sourceOf,
} from "./kernel.js";
import { textureMemory } from "./texture-memory.js";
import { bufferMemory, type GpuBufferResult } from "./webgpu-memory.js";

/** How the kernels run, best first. */
export const gpuModes = ["webgpu", "webgl2", "headlessgl", "webasm", "cpu"] as const;
export type GpuMode = (typeof gpuModes)[number];

/** gpu.js keeps at most this many compiled kernels of ours; this folder defines fewer. */
export const cacheLimit = 512;
/** Programs that gpu.js's WebAssembly mode keeps per kernel, one for each combination of sizes. */
const sizesPerWasmKernel = 24;
/** Launches handed to WebGPU before waiting for the device to catch up, so that freed memory does come back. */
const launchesInFlight = 512;

/** The part of gpu.js's kernel shortcut that is used here; its own types describe the result as nested arrays only. */
interface Compiled {
  (...parameters: unknown[]): unknown;
  setOutput(output: number[]): unknown;
  destroy(): void;
  readonly kernel: {
    readonly constructor: { readonly mode: string };
    readonly fallbackReason: string | null;
    /** WGSL and GLSL, once a kernel has run. */
    readonly compiledSource?: string | null;
    readonly compiledFragmentShader?: string | null;
    moduleCacheLimit?: number;
  };
}

/** The part of gpu.js that is used here. */
interface Library {
  new (settings: {
    mode: string;
  }): {
    createKernel(source: string, settings: object): Compiled;
    destroy(): Promise<void>;
    readonly context: unknown;
  };
  isWebGPUAvailable(): Promise<boolean>;
  readonly isWebGL2Supported: boolean;
  readonly isHeadlessGLSupported: boolean;
  readonly isWebAssemblySupported: boolean;
}

async function library(): Promise<Library> {
  // CommonJS in Node gives the names of the module, a bundler one class that carries itself; as a plain script of a page
  // it has no exports and leaves the class on the global object.
  const module: { GPU?: unknown; default?: { GPU?: unknown } } = await import("gpu.js");
  const global = globalThis as { GPU?: unknown };
  return (module.GPU ?? module.default?.GPU ?? module.default ?? global.GPU) as Library;
}

const probes: Record<GpuMode, (gpu: Library) => boolean | Promise<boolean>> = {
  webgpu: (gpu) => gpu.isWebGPUAvailable(),
  webgl2: (gpu) => gpu.isWebGL2Supported,
  headlessgl: (gpu) => gpu.isHeadlessGLSupported,
  webasm: (gpu) => gpu.isWebAssemblySupported,
  cpu: () => true,
};

const missing: Record<GpuMode, string> = {
  webgpu: "no WebGPU adapter answers",
  webgl2: "no WebGL2 context can be made",
  headlessgl: 'the optional package "gl" is not installed or has no display',
  webasm: "WebAssembly is missing",
  cpu: "",
};

/** Which modes can run here, each with null or the reason why it cannot. */
export async function availableModes(): Promise<Record<GpuMode, string | null>> {
  const gpu = await library();
  const entries = await Promise.all(
    gpuModes.map(async (mode) => [mode, (await probes[mode](gpu)) ? null : missing[mode]] as const),
  );
  return Object.fromEntries(entries) as Record<GpuMode, string | null>;
}

/** Opens the best mode, or exactly the wanted one; a {@link DeviceError} that says why where that one cannot be had. */
export async function openContext(wanted: GpuMode | "auto"): Promise<Context> {
  const reasons = await availableModes();
  if (wanted !== "auto" && reasons[wanted] === undefined) {
    throw new DeviceError(`gpu: there is no mode "${wanted}"; the modes are ${gpuModes.join(", ")}`);
  }
  if (wanted !== "auto" && reasons[wanted] !== null) {
    const others = gpuModes.filter((mode) => reasons[mode] === null).join(", ");
    throw new DeviceError(`gpu: mode "${wanted}" cannot run here: ${reasons[wanted]}. These can: ${others}`);
  }
  const mode = wanted === "auto" ? (gpuModes.find((candidate) => reasons[candidate] === null) ?? "cpu") : wanted;
  const context = new Context(mode, await library());
  await context.open();
  return context;
}

/** The kinds of gpu.js that stand for ours, and for an array on the device. */
const scalarTypes = { number: "Float", integer: "Integer" } as const;
const arrayTypes: Record<GpuMode, string> = {
  webgpu: "WebGPUBuffer",
  webgl2: "ArrayTexture(1)",
  headlessgl: "ArrayTexture(1)",
  webasm: "Array",
  cpu: "Array",
};

/** A GLSL function must be declared before it is called, and gpu.js does not always write them in such an order. */
function declaration(fn: DeviceFunction): string {
  const types = { number: "float", integer: "int" } as const;
  return `${types[fn.result]} ${deviceName(fn)}(${fn.parameters.map((kind) => types[kind]).join(", ")});`;
}

/**
 * gpu.js's CPU mode puts the numbers that a thread returns together into a typed array of their own, which costs more
 * than to compute them: this makes it leave them in the list they come in.
 */
const groupsAsLists = "function Float32Array(numbers) { return numbers; }";

/** What gpu.js calls a kernel that runs in each mode. */
const kernelModes: Record<GpuMode, string> = {
  webgpu: "webgpu",
  webgl2: "gpu",
  headlessgl: "gpu",
  webasm: "webasm",
  cpu: "cpu",
};

/** The smallest kernel: opening a mode runs it, because only a result shows gpu.js's device. */
const one = kernel(
  "one",
  function one(): number {
    return 1.0;
  },
  [],
);

export class Context {
  /** Kernels launched so far. */
  launches = 0;
  /** What runs the kernels, as it calls itself. */
  adapter = "this CPU";
  readonly #gpu: InstanceType<Library>;
  readonly #compiled = new Map<string, Compiled>();
  readonly #sources = new Map<string, string>();
  #memory: DeviceMemory | null = null;

  constructor(
    readonly mode: GpuMode,
    gpu: Library,
  ) {
    this.#gpu = new gpu({ mode });
  }

  /** True where a launch happens at the call; in WebGPU mode even the first result is a promise. */
  get immediate(): boolean {
    return this.mode !== "webgpu";
  }

  get #isGl(): boolean {
    return this.mode === "webgl2" || this.mode === "headlessgl";
  }

  get closed(): boolean {
    return this.#memory === null;
  }

  /** Where arrays live in this mode. */
  get memory(): DeviceMemory {
    if (this.#memory === null) throw new DeviceError("gpu: the device was closed");
    return this.#memory;
  }

  async open(): Promise<void> {
    if (this.mode === "webasm" || this.mode === "cpu") this.#memory = hostMemory;
    else if (this.mode === "webgpu") {
      const example = (await this.#call(one, [], 1)) as GpuBufferResult;
      this.#assertMode(one);
      this.#memory = bufferMemory(example);
      const { vendor, architecture, description } = example.context.adapter.info;
      this.adapter = [vendor, architecture, description].filter((part) => part !== "").join(" ");
    } else {
      this.#memory = textureMemory(
        (data, length) => this.#uploadTexture(data, length),
        (groups, width, length) => this.#spreadTexture(groups, width, length),
        () => (this.#gpu.context as WebGLRenderingContext | null)?.isContextLost() ?? false,
      );
    }
    const first = await this.launch(one, [], 1);
    this.memory.free(first);
    if (this.#isGl) {
      const gl = this.#gpu.context as WebGLRenderingContext;
      const names = gl.getExtension("WEBGL_debug_renderer_info");
      this.adapter = String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
    }
    this.launches = 0;
  }

  /**
   * Runs a kernel for `length` elements. The result comes at once in an {@link immediate} mode, and otherwise as a
   * promise that is kept as soon as the kernel is compiled and handed to the device.
   */
  launch(kernel: Kernel, parameters: readonly unknown[], length: number): DeviceArray | Promise<DeviceArray> {
    this.memory.check();
    this.launches++;
    const result = this.#call(kernel, parameters, Math.ceil(length / kernel.width));
    const finish = (value: unknown): DeviceArray => {
      this.#assertMode(kernel);
      return this.memory.adopt(value, kernel.width);
    };
    if (!(result instanceof Promise)) return finish(result);
    if (this.launches % launchesInFlight !== 0) return result.then(finish);
    return result.then(async (value) => {
      await this.memory.settle();
      return finish(value);
    });
  }

  /** Every compiled kernel: its own text, and the WGSL or GLSL that gpu.js made of it (null in modes without a shader). */
  programs(): { name: string; source: string; generated: string | null }[] {
    return [...this.#sources].flatMap(([name, source]) => {
      const compiled = this.#compiled.get(name)?.kernel;
      return compiled
        ? [{ name, source, generated: compiled.compiledSource ?? compiled.compiledFragmentShader ?? null }]
        : [];
    });
  }

  async close(): Promise<void> {
    this.#memory = null;
    this.#compiled.clear();
    await this.#gpu.destroy();
  }

  #call(kernel: Kernel, parameters: readonly unknown[], threads: number): unknown {
    const compiled = this.#cached(kernel.name, () => this.#compile(kernel));
    compiled.setOutput([threads]);
    return compiled(...parameters);
  }

  #cached(name: string, create: () => Compiled): Compiled {
    const known = this.#compiled.get(name);
    const compiled = known ?? create();
    this.#compiled.delete(name);
    this.#compiled.set(name, compiled);
    if (this.#compiled.size > cacheLimit) {
      const [oldest, evicted] = this.#compiled.entries().next().value as [string, Compiled];
      this.#compiled.delete(oldest);
      this.#sources.delete(oldest);
      evicted.destroy();
    }
    return compiled;
  }

  #compile(kernel: Kernel): Compiled {
    const typesOf = (kind: ArgumentKind): string[] =>
      kind === "operand" ? [arrayTypes[this.mode], "Integer"] : [scalarTypes[kind]];
    const callable = reachable(kernel.uses, this.mode === "cpu");
    const source = sourceOf(kernel.body, callable, { wholeInline: !this.#isGl });
    this.#sources.set(kernel.name, source);
    return this.#create(source, {
      argumentTypes: kernel.parameters.flatMap(typesOf),
      returnType: kernel.width === 1 ? "Float" : `Array(${kernel.width})`,
      ...this.#functions(callable, kernel.width),
    });
  }

  /** Device functions as gpu.js takes them, and text that it puts before everything else. */
  #functions(callable: readonly DeviceFunction[], width = 1): { functions: object[]; injectedNative: string } {
    const wholeInline = !this.#isGl;
    const groups = this.mode === "cpu" && width > 1 ? groupsAsLists : "";
    return {
      injectedNative: this.#isGl ? callable.map(declaration).join("\n") : groups,
      functions: callable.map((fn) => ({
        name: deviceName(fn),
        source: sourceOf(fn.body, callable, { name: deviceName(fn), wholeInline }),
        argumentTypes: fn.parameters.map((kind) => scalarTypes[kind]),
        returnType: scalarTypes[fn.result],
      })),
    };
  }

  #create(source: string, settings: object): Compiled {
    const compiled = this.#gpu.createKernel(source, {
      ...settings,
      output: [1],
      pipeline: true,
      immutable: true,
      dynamicOutput: true,
      dynamicArguments: true,
      precision: "single",
      tactic: "precision",
      loopMaxIterations: 2 ** 31 - 1,
    });
    if (this.mode === "webasm") compiled.kernel.moduleCacheLimit = sizesPerWasmKernel;
    return compiled;
  }

  /** gpu.js falls back to plain JavaScript with a warning; here that is an error. */
  #assertMode({ name }: Kernel): void {
    const compiled = this.#compiled.get(name)?.kernel;
    if (compiled === undefined || compiled.constructor.mode === kernelModes[this.mode]) return;
    const reason = compiled.fallbackReason ?? "gpu.js gave no reason";
    throw new DeviceError(`gpu: kernel "${name}" cannot run in mode ${this.mode}: ${reason}`);
  }

  #uploadTexture(data: Float32Array, length: number): unknown {
    const upload = this.#cached("upload", () =>
      this.#create("function (x) { return x[this.thread.x]; }", { argumentTypes: ["Array"], returnType: "Float" }),
    );
    upload.setOutput([length]);
    return upload(data);
  }

  /** The numbers of groups, one to a texel, without leaving the device. */
  #spreadTexture(groups: unknown, width: number, length: number): unknown {
    const spread = this.#cached(`spread:${width}`, () =>
      this.#create(
        `function (x, width) {
          const group = x[quotientOnDevice(this.thread.x, width)];
          const place = remainderOnDevice(this.thread.x, width);
          ${Array.from({ length: width - 1 }, (_, i) => `if (place === ${i}) { return group[${i}]; }`).join("\n")}
          return group[${width - 1}];
        }`,
        {
          ...this.#functions(reachable([quotient, remainder], false)),
          argumentTypes: [`ArrayTexture(${width})`, "Integer"],
          returnType: "Float",
        },
      ),
    );
    spread.setOutput([length]);
    return spread(groups, width);
  }
}
