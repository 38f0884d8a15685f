import { byDeclaration, type Exercise, isExercise } from "../exercise.js";

/** Lesson number -> its checks, loaded on first use. A new lesson adds one line. */
const modules: Record<string, () => Promise<object>> = {
  "01": () => import("./01.js"),
  "02": () => import("./02.js"),
  "03": () => import("./03.js"),
  "04": () => import("./04.js"),
  "05": () => import("./05.js"),
  "06": () => import("./06.js"),
  "07": () => import("./07.js"),
  "08": () => import("./08.js"),
  "09": () => import("./09.js"),
  "10": () => import("./10.js"),
  "17": () => import("./17.js"),
};

/** The numbers of all lessons that have exercises, in order. */
export function lessonNumbers(): string[] {
  return Object.keys(modules).sort();
}

/**
 * The exercises of a lesson, in the order in which its module declares them; an empty list for a lesson without any.
 */
export async function exercisesOf(lesson: string): Promise<Exercise[]> {
  const load = Object.hasOwn(modules, lesson) ? modules[lesson] : undefined;
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
export function registerLesson(lesson: string, load: () => Promise<object>): () => void {
  modules[lesson] = load;
  return () => {
    delete modules[lesson];
  };
}
