import type { AttentionStudy, ScalpelName } from "../../../src/index.js";
import { byId, figure } from "../../page/figure.js";
import { pathShares } from "../../plots/paths.js";
import { beforeAfter } from "../../plots/scalpel.js";
import type { App } from "../app.js";
import { pathTable } from "../path-table.js";
import { remember, remembered, rememberedWhole } from "../permalink.js";

/** 6. Scalpels: paths cut, the same measurement before and after. */
export function scalpelSection(app: App): void {
  const chosen = new Set(
    (remembered("cuts") ?? "").split(",").filter((name): name is ScalpelName => Object.hasOwn(app.scalpels, name)),
  );
  const steps = byId("truncate") as HTMLInputElement;
  let truncate = rememberedWhole("truncate", Number(steps.min), Number(steps.max));
  /** Of one sentence: the page's may be another by the time that an answer comes. */
  let cut: { before: AttentionStudy; after: AttentionStudy } | null = null;

  const update = (): void => {
    const { studied } = app;
    if (!studied) return;
    const ask = { sentence: studied.sentence, cuts: [...chosen], truncate };
    app.remote
      .askLatest("scalpels", "study", ask, (after) => {
        cut = { before: studied.study, after };
        norms();
        shares();
      })
      .catch(app.fail);
  };
  const norms = figure("cut-norms", {
    draw: (width) => cut && beforeAfter(cut.before, cut.after, width),
    table: () =>
      cut!.after.source.map((word, j) => {
        const [before, after] = [cut!.before.paths.total[j], cut!.after.paths.total[j]];
        return { j, word, before, after, difference: after - before };
      }),
  });
  const shares = figure("cut-shares", {
    draw: (width) => (cut?.after.paths.total.some((norm) => norm > 0) ? pathShares(cut.after, width) : null),
    otherwise: "No gradient is left.",
    table: () => pathTable(cut!.after),
  });

  const boxes = (Object.keys(app.scalpels) as ScalpelName[]).map((name) => {
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.value = name;
    box.checked = chosen.has(name);
    box.addEventListener("change", () => {
      if (box.checked) chosen.add(name);
      else chosen.delete(name);
      remember("cuts", [...chosen].join(","));
      update();
    });
    label.append(box, ` ${name}: ${app.scalpels[name]}`);
    return label;
  });
  byId("scalpel-choice").replaceChildren(...boxes);
  steps.value = truncate === null ? "" : String(truncate);
  steps.addEventListener("input", () => {
    truncate = steps.validity.valid && steps.value !== "" ? Number(steps.value) : null;
    remember("truncate", truncate === null ? null : String(truncate));
    update();
  });
  app.onStudied(update);
}
