/** The table of gradient-check cases. An operation without one does not compile. */
import "../../methods.js";
import type { OperationName } from "../../operations/index.js";
import { type Cases, Draw, type GradcheckCase } from "./case.js";
import { arithmeticCases, elementwiseCases } from "./elementwise.js";
import { productCases, recurrentCases, softmaxCases } from "./fused.js";
import { movementCases, reductionCases } from "./movement.js";

export const cases: Record<OperationName, Cases> = {
  ...arithmeticCases,
  ...elementwiseCases,
  ...reductionCases,
  ...movementCases,
  ...productCases,
  ...softmaxCases,
  ...recurrentCases,
};

export const operationNames = Object.keys(cases) as readonly OperationName[];

export { type Cases, Draw, type GradcheckCase };
