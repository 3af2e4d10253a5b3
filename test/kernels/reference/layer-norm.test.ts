import { runCases } from "./cases.js";

runCases("layer-norm");
