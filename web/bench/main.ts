import type { BenchReport } from "../../bench/report/report.js";
import { byId } from "../page/figure.js";
import { showReport } from "./show-report.js";

const report: BenchReport = JSON.parse(byId("report-data").textContent ?? "", (key, value) =>
  key === "ulp" && value === "Infinity" ? Number.POSITIVE_INFINITY : value,
);
showReport(report);
