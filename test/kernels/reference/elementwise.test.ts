import { runCases } from "./cases.js";

runCases("elementwise");
