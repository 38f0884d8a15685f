import { existsSync, readdirSync } from "node:fs";
import { byDeclaration, type Exercise, isExercise } from "./exercise.js";

/** Loads what a module of checks exports. */
type Load = () => Promise<object>;

/** Lesson number -> its checks, loaded on first use: every room of course/lessons that has any. */
const modules = new Map<string, Load>(roomsWithChecks());

/** The rooms are read where the sources are, so that a room of an older build, renamed since, is not found. */
function roomsWithChecks(): [string, Load][] {
  const here = import.meta.url;
  const compiled = here.endsWith(".js");
  const rooms = new URL(compiled ? "../../../lessons/" : "../../lessons/", here);
  const names = existsSync(rooms) ? readdirSync(rooms).filter((name) => /^\d\d-/.test(name)) : []; // none in a sandbox
  return names.sort().flatMap((name) => {
    const checks = new URL(`../../lessons/${name}/checks.${compiled ? "js" : "ts"}`, here);
    return existsSync(checks) ? [[name.slice(0, 2), () => import(checks.href)] as [string, Load]] : [];
  });
}

/** The numbers of all lessons that have exercises, in order. */
export function lessonNumbers(): string[] {
  return [...modules.keys()].sort();
}

/**
 * The exercises of a lesson, in the order in which its module declares them; an empty list for a lesson without any.
 */
export async function exercisesOf(lesson: string): Promise<Exercise[]> {
  const load = modules.get(lesson);
  return load === undefined
    ? []
    : Object.values(await load())
        .filter(isExercise)
        .sort(byDeclaration);
}

/** Every exercise of the course. */
export async function allExercises(): Promise<Exercise[]> {
  return (await Promise.all(lessonNumbers().map(exercisesOf))).flat();
}

/** Adds a lesson from outside this folder (tests do); returns a function that takes it away again. */
export function registerLesson(lesson: string, load: Load): () => void {
  modules.set(lesson, load);
  return () => {
    modules.delete(lesson);
  };
}
