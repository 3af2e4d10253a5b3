import { runCases } from "./cases.js";

runCases("matmul");
