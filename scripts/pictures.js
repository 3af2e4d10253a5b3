/**
 * Takes the pictures of the study page and of the report that the documents show, light and dark, 1280 × 800, from a run:
 *
 *     npm run pictures -- runs/demo
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [run = "runs/demo"] = process.argv.slice(2);
const root = fileURLToPath(new URL("..", import.meta.url));
const images = join(root, "docs/images");
const report = resolve(run, "report.html");
const SENTENCE = "the hungry child saw a red hat in the garden .";
const SECTIONS = ["sentence", "alignment", "paths", "distance", "loss", "scalpel", "explain", "train", "compare"];
/** Where a section's heading and its picture are called differently. */
const NAMES = { scalpel: "scalpels", explain: "explanation", train: "training" };
const MINUTES = 60_000;

if (!existsSync(report)) {
  console.error(`${report}: there is no such report. Make a run with \`npm start -- --no-serve\``);
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), "backflow-pictures-"));
const study = join(folder, "study.html");
const command = [join(root, "bin/backflow.js"), "report", run, "--out", study];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
try {
  execFileSync(process.execPath, command, { stdio: "inherit" });
  for (const colorScheme of ["light", "dark"]) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme });
    await takeStudy(page, colorScheme);
    await takeReport(page, colorScheme);
    await page.close();
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}

async function takeStudy(page, colors) {
  const state = new URLSearchParams({ beam: "5", sentence: SENTENCE, cuts: "recurrence", explained: "8" });
  await page.goto(`${pathToFileURL(study)}#${state}`);
  await page.waitForSelector("#cut-shares svg", { timeout: MINUTES });
  await page.click("#explain-start");
  await page.waitForFunction(
    () => document.querySelector("#explain-facts").textContent.startsWith("8 sentences"),
    null,
    { timeout: 3 * MINUTES },
  );
  await page.click("#seeds-start");
  await page.waitForFunction(() => document.querySelector("#seeds-facts").textContent !== "", null, {
    timeout: 5 * MINUTES,
  });
  if (await page.locator("#run-film-slider").count()) await page.locator("#run-film-slider").fill("14");
  for (const name of SECTIONS) {
    await take(page, `section:has(#${name}-title)`, `study-${NAMES[name] ?? name}-${colors}`, async () => {
      if (name === "alignment")
        await page.locator('#alignment [aria-label="cell"] rect').nth(43).hover({ force: true });
    });
  }
}

async function takeReport(page, colors) {
  await page.goto(pathToFileURL(report).href);
  await page.waitForSelector("#path-norms svg");
  await take(page, "body", `report-${colors}`);
  await take(page, "section:has(#alignment-title)", `report-alignment-${colors}`);
}

/** What the window shows when it is scrolled to an element, once all of it is drawn. */
async function take(page, selector, name, prepare = async () => {}) {
  await page.mouse.move(1279, 2);
  await page.locator(selector).evaluate((element) => {
    scrollTo(0, element.getBoundingClientRect().top + scrollY - 20);
  });
  await page.waitForTimeout(600);
  await prepare();
  await page.waitForTimeout(200);
  await page.screenshot({ path: join(images, `${name}.jpg`), type: "jpeg", quality: 72 });
  console.log(`docs/images/${name}.jpg`);
}
