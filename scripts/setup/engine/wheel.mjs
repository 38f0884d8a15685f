// The engine from Python's TensorFlow package: its C++ library and headers, and the binding compiled against them. The
// same TensorFlow for everyone, and the one that this project is tested with.
import { existsSync, mkdirSync, readdirSync, rmSync, statfsSync, symlinkSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { root, tfjsNode, venvPython } from "../places.mjs";
import { run } from "../run.mjs";
import { sentences } from "../sentences.mjs";
import { causeOf } from "../setupError.mjs";

export const TENSORFLOW = "2.21.0";

/** The package for a system; its Python does not matter, since we only want the C++ in it. */
const WHEELS = {
  "linux-x64": { name: "tensorflow-cpu", platform: "manylinux_2_27_x86_64", megabytes: 274 },
  "linux-arm64": { name: "tensorflow", platform: "manylinux_2_27_aarch64", megabytes: 282 },
  "darwin-arm64": { name: "tensorflow", platform: "macosx_12_0_arm64", megabytes: 223 },
};
const ROOM = 1.4e9; // bytes: the package and what we take out of it

const UNPACK = fileURLToPath(new URL("unpack.py", import.meta.url));

/**
 * Builds `folder`/deps and `folder`/lib as tfjs-node has them.
 * @returns {Promise<import("./cache.mjs").Failure | undefined>} undefined: done
 */
export async function buildFromWheel(folder, { stop, show }) {
  const system = `${process.platform}-${process.arch}`;
  const wheel = WHEELS[system];
  if (!wheel) return { why: sentences.noWheel.say(TENSORFLOW, system) };
  const compiler = await findCompiler(stop);
  if (!compiler) return { why: sentences.noCompiler.say() };

  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < ROOM) {
    return {
      why: sentences.noRoom.say(dirname(folder), ROOM / 1e9),
      again: true,
    };
  }

  show.doing(`downloading TensorFlow ${TENSORFLOW} (${wheel.megabytes} MB)`);
  const download = await run(
    venvPython,
    [
      "-m",
      "pip",
      "download",
      "--no-deps",
      "--only-binary=:all:",
      "--no-cache-dir",
      "--retries=2",
      "--progress-bar=off",
    ].concat(
      ["--python-version=3.11", "--implementation=cp", "--abi=cp311", `--platform=${wheel.platform}`],
      [`--dest=${folder}`, `${wheel.name}==${TENSORFLOW}`],
    ),
    { stop },
  );
  if (!download.ok) return failure("downloading TensorFlow failed", download.output);

  show.doing("unpacking TensorFlow");
  const file = join(folder, readdirSync(folder).find((name) => name.endsWith(".whl")) ?? "");
  const unpack = await run(venvPython, [UNPACK, file, join(folder, "deps")], { stop });
  if (!unpack.ok) return failure("unpacking TensorFlow failed", unpack.output);
  rmSync(file);

  show.doing(`compiling TensorFlow's binding with ${compiler}`);
  const deps = join(folder, "deps");
  const mac = process.platform === "darwin";
  for (const library of ["tensorflow", "tensorflow_framework"]) {
    const real = library === "tensorflow" ? "tensorflow_cc" : library; // the C interface is part of the C++ library
    symlinkSync(
      mac ? `lib${real}.2.dylib` : `lib${real}.so.2`,
      join(deps, "lib", `lib${library}.${mac ? "dylib" : "so"}`),
    );
  }
  const out = join(folder, "lib", "napi-v8");
  mkdirSync(out, { recursive: true });
  const sources = readdirSync(join(tfjsNode, "binding")).filter((name) => name.endsWith(".cc"));
  const build = await run(
    compiler,
    ["-O2", "-std=c++17", "-fPIC", "-DNAPI_VERSION=8", "-I..", "-I.", `-I${join(deps, "include")}`].concat(
      [`-I${join(root, "node_modules", "node-api-headers", "include")}`],
      sources.map((name) => join("binding", name)),
      mac ? ["-bundle", "-undefined", "dynamic_lookup"] : ["-shared"],
      ["-o", join(out, "tfjs_binding.node"), `-L${join(deps, "lib")}`, "-ltensorflow", "-ltensorflow_framework"],
      [`-Wl,-rpath,${mac ? "@loader_path" : "$ORIGIN"}/../../deps/lib`],
    ),
    { stop, cwd: tfjsNode },
  );
  if (!build.ok) return failure(`${compiler} could not compile TensorFlow's binding`, build.output);
  rmSync(join(deps, "include"), { recursive: true });
  return undefined;
}

/** The first C++ compiler that runs (on macOS a stand-in may be there that does not); CXX names another. */
async function findCompiler(stop) {
  for (const name of compilers()) {
    if ((await run(name, ["--version"], { stop, limit: 20_000 })).ok) return name;
  }
  return undefined;
}

/** The name of the first C++ compiler on the PATH, or null: a quick look. */
export function compilerOnPath() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return compilers().find((name) => folders.some((folder) => existsSync(resolve(folder, name)))) ?? null;
}

const compilers = () => (process.env.CXX ? [process.env.CXX] : ["c++", "g++", "clang++"]);

function failure(what, output) {
  const cause = causeOf(output);
  if (cause === "network") return { why: sentences.engineNetwork.say(what), again: true };
  if (cause === "disk") return { why: sentences.engineDisk.say(what), again: true };
  return { why: sentences.engineOther.say(what) };
}
