import { existsSync, readdirSync } from "node:fs";

/** Loads what a module of checks exports. */
export type Load = () => Promise<object>;

/**
 * Lesson number -> its checks: every room of course/lessons that has any. The rooms are read where the sources are, so
 * that a room of an older build, renamed since, is not found. (On the site's pages scripts/site/live/bundle/browser.ts
 * stands in for this file: there is no disk.)
 */
export function roomsWithChecks(): [string, Load][] {
  const here = import.meta.url;
  const compiled = here.endsWith(".js");
  const rooms = new URL(compiled ? "../../../lessons/" : "../../lessons/", here);
  const names = existsSync(rooms) ? readdirSync(rooms).filter((name) => /^\d\d-/.test(name)) : []; // none in a sandbox
  return names.sort().flatMap((name) => {
    const checks = new URL(`../../lessons/${name}/checks.${compiled ? "js" : "ts"}`, here);
    return existsSync(checks) ? [[name.slice(0, 2), () => import(checks.href)] as [string, Load]] : [];
  });
}
