import { runCases } from "./cases.js";

runCases("optimizers");
