import { byDeclaration, type Exercise, isExercise } from "./exercise.js";
import { type Load, roomsWithChecks } from "./rooms.js";

/** Lesson number -> its checks, loaded on first use. */
const modules = new Map<string, Load>(roomsWithChecks());

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
