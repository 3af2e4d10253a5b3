import type { BenchDevice } from "./devices.js";
import type { Forecast } from "./forecast.js";

/** Drivers that compute on the CPU, by what they call themselves. */
const drivers = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|this cpu/i;

/** Whether what stands for a GPU is none: its times show which kernel does less work, not how fast a GPU is. */
export const isSoftware = ({ kind, adapter }: Pick<BenchDevice, "kind" | "adapter">): boolean =>
  kind === "gpu" && drivers.test(adapter);

/** How much of the time of the others it gets, and of the limit of a call. */
export const SOFTWARE_SHARE = 0.3;

/** Problems of more operations are not put to it unless somebody asks for sizes. */
const MOST_FLOPS = 1e8;

/** Why a problem is too large for a GPU that is none; null where it is not. */
const tooLarge: Forecast = ({ work: { flops } }) =>
  flops > MOST_FLOPS
    ? `${(flops / 1e6).toFixed(0)} million operations, and this GPU is none: it gets ${MOST_FLOPS / 1e6} at most unless --sizes asks for more`
    : null;

/** A forecast that keeps large problems from such devices. */
export const sparing =
  (names: ReadonlySet<string>, others: Forecast): Forecast =>
  (problem, device, variant) =>
    (names.has(device) ? tooLarge(problem, device, variant) : null) ?? others(problem, device, variant);

/** What a reader has to know of them; nothing where there are none. */
export function softwareNotes(names: ReadonlySet<string>, sizesAsked: boolean): string[] {
  if (names.size === 0) return [];
  const sizes = sizesAsked ? "" : `, and problems of up to ${MOST_FLOPS / 1e6} million operations`;
  return [
    `${[...names].join(", ")}: no GPU, the CPU computes in its place. They get ${SOFTWARE_SHARE} of the time and of the limit of a call${sizes}`,
  ];
}
