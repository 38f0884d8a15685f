import type { CheckResult } from "./check.js";

/** A check's report as text, for a terminal and as the notebook's fallback. */
export function reportText(result: CheckResult): string {
  const lines = [headline(result)];
  if (result.problem !== "") lines.push(`  ${result.problem}`);
  else {
    for (const part of result.parts) {
      lines.push(`  ${part.passed ? "✓" : "✗"} ${part.name} (${part.points}/${part.outOf})`);
      if (!part.passed) {
        for (const line of part.message.split("\n")) lines.push(`      ${line}`);
        if (part.look !== undefined) lines.push(`      Look at: ${part.look}`);
      }
    }
  }
  return lines.join("\n");
}

/** The same as HTML in JupyterLab's own colours, so that it reads in the light and the dark theme. */
export function reportHtml(result: CheckResult): string {
  const good = "var(--jp-success-color1, #2e7d32)";
  const bad = "var(--jp-warn-color1, #b45309)";
  const row = (part: CheckResult["parts"][number]) => {
    const look = part.look === undefined ? "" : `<div><em>Look at:</em> ${escapeHtml(part.look)}</div>`;
    const why = part.passed ? "" : `<div style="white-space:pre-wrap">${escapeHtml(part.message)}</div>${look}`;
    return (
      `<li style="margin:4px 0"><span style="color:${part.passed ? good : bad};font-weight:600">${part.passed ? "✓" : "✗"}</span> ` +
      `${escapeHtml(part.name)} <span style="opacity:.7">(${part.points}/${part.outOf})</span>${why}</li>`
    );
  };
  const body =
    result.problem !== ""
      ? `<div>${escapeHtml(result.problem)}</div>`
      : `<ul style="list-style:none;margin:4px 0 0;padding:0">${result.parts.map(row).join("")}</ul>`;
  return (
    `<div style="border-left:4px solid ${result.passed ? good : bad};padding:6px 12px;margin:4px 0">` +
    `<strong>${escapeHtml(headline(result))}</strong>${body}</div>`
  );
}

function headline(result: CheckResult): string {
  const praise = result.passed ? ". Well done!" : "";
  return `${result.id} ${result.title}: ${result.points} of ${result.outOf} points${praise}`;
}

/** Text as HTML shows it. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
