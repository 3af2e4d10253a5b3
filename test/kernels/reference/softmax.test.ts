import { runCases } from "./cases.js";

runCases("softmax");
